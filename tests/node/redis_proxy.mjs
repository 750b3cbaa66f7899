// Stands between a program and Redis, each on a unix socket, and does what networks do.
//
//   node redis_proxy.mjs LISTEN TARGET [bytes|late]
//
// bytes: answers arrive one byte at a time. SIGUSR1: the connections of this moment carry
// nothing any more and are not closed, as when a cable is pulled; new ones work.
// late: new ones work from SIGUSR2 on. When one of them has published, what the stalled ones
// had been given reaches Redis too, as if it had been halted with their commands unread.
import net from 'node:net';

const [listen, target, mode] = process.argv.slice(2);
const links = new Set();
let stalled = [];
let waiting;  // set: new connections wait here

async function byteByByte(from, to) {
  for await (const chunk of from) {
    for (const byte of chunk) {
      to.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
  }
  to.end();
}

function join(program) {
  const redis = net.connect({ path: target, allowHalfOpen: true });
  const link = { program, redis };
  links.add(link);
  for (const end of [program, redis]) {
    end.on('error', () => { program.destroy(); redis.destroy(); });
    end.on('close', () => links.delete(link));
  }
  program.pipe(redis);
  if (mode === 'bytes') byteByByte(redis, program).catch(() => {});
  else redis.pipe(program);
  if (mode === 'late') program.on('data', (bytes) => bytes.includes('PUBLISH') && carryOut());
}

function carryOut() {
  const late = stalled;
  stalled = [];
  for (const { program, redis } of late) program.pipe(redis);
}

const server = net.createServer({ allowHalfOpen: true }, (program) => {
  waiting ? waiting.push(program) : join(program);
});

process.on('SIGUSR1', () => {
  for (const { program, redis } of links) {
    program.unpipe(redis).pause();
    redis.unpipe(program).pause();
  }
  stalled = [...links];
  console.error(`stalled ${links.size}`);
  links.clear();
  if (mode === 'late') waiting = [];
});

process.on('SIGUSR2', () => {
  const programs = waiting;
  waiting = undefined;
  programs.forEach(join);
});

server.listen(listen, () => console.error('listening'));
