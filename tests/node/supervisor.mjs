// What systemd does for a socket-activated service of Type=notify, in small:
//   node supervisor.mjs PROGRAM [ARGUMENT…]
//
// Listens on a free port and hands the socket on as descriptor 3; what the program says by
// sd_notify goes to standard output, one a line; its own messages to standard error.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { writeSync } from "node:fs";

const [program, ...words] = process.argv.slice(2);
const path = `${process.cwd()}/notify.sock`;

// Node.js has no unix datagrams; Perl is part of every Debian.
const receiver = spawn("perl", ["-MSocket", "-e", `
  $| = 1; socket(S, PF_UNIX, SOCK_DGRAM, 0) && bind(S, pack_sockaddr_un($ARGV[0])) or die $!;
  print "bound\\n"; print "$_\\n" while defined recv(S, $_, 4096, 0);`, path], { stdio: ["ignore", "pipe", "inherit"] });

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  receiver.stdout.once("data", (first) => {
    // LISTEN_PID has to be the program's own: a shell sets it and becomes the program.
    const child = spawn("sh", ["-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"', program, ...words], {
      env: { ...process.env, NOTIFY_SOCKET: path },
      stdio: ["pipe", "inherit", "inherit", server._handle.fd],
    });
    server.close(); // the program has its own now, and we must not accept in its place
    receiver.stdout.on("data", (data) => writeSync(1, data));
    process.on("SIGTERM", () => child.kill("SIGTERM"));
    child.on("exit", (status) => setTimeout(() => {
      receiver.kill();
      process.exit(status ?? 1);
    }, 200));
  });
});
