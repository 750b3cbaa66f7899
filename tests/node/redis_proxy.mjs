// Stands between a program and Redis, each on a unix socket, and does what networks do.
//
//   node redis_proxy.mjs LISTEN TARGET [bytes]
//
// bytes: answers arrive one byte at a time. SIGUSR1: the connections of this moment carry
// nothing any more and are not closed, as when a cable is pulled; new ones work.
import net from 'node:net';

const [listen, target, mode] = process.argv.slice(2);
const links = new Set();

async function byteByByte(from, to) {
  for await (const chunk of from) {
    for (const byte of chunk) {
      to.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
  }
  to.end();
}

const server = net.createServer({ allowHalfOpen: true }, (program) => {
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
});

process.on('SIGUSR1', () => {
  for (const { program, redis } of links) {
    program.unpipe(redis).pause();
    redis.unpipe(program).pause();
  }
  console.error(`stalled ${links.size}`);
  links.clear();
});

server.listen(listen, () => console.error('listening'));
