// Node 20 has no zstd of its own: fzstd unpacks, and needs to be told how large the result is.
import { createRequire } from "node:module";

export async function zstdDecompress(modules) {
  const require = createRequire(modules + "/package.json");
  const { decompress } = require("fzstd");
  return (bytes, size) => decompress(bytes, new Uint8Array(Number(size)));
}
