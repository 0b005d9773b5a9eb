// The least that can stand between a client and guacd: bytes are passed on as they come.
// Argument: the port of guacd. Prints its own.
import { connect, createServer } from "node:net";

const guacd = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (person) => {
  const target = connect({ host: "127.0.0.1", port: guacd, noDelay: true });
  person.on("error", () => target.destroy());
  target.on("error", () => person.destroy());
  person.pipe(target);
  target.pipe(person);
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
