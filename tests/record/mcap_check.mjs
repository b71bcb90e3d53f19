// Reads a trace with @mcap/core, which shares nothing with our writer, and compares it with what the trace holds.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { zstdDecompress } from "./zstd.mjs";

const [modules, tracePath, wordsPath] = process.argv.slice(2);
const require = createRequire(modules + "/package.json");
const { McapIndexedReader, McapStreamReader } = require("@mcap/core");
const file = readFileSync(tracePath);
const expected = JSON.parse(readFileSync(wordsPath, "utf8"));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const decompressHandlers = { zstd: await zstdDecompress(modules) };

const readable = {
  size: async () => BigInt(file.length),
  read: async (offset, size) => {
    assert.ok(Number(offset) + Number(size) <= file.length, "reads within the file");
    return new Uint8Array(file.buffer, file.byteOffset + Number(offset), Number(size));
  },
};

// By index.
const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers });
const total = expected.channels.reduce((sum, channel) => sum + channel.messages.length, 0);
assert.equal(reader.statistics.messageCount, BigInt(total));
assert.equal(reader.statistics.channelCount, expected.channels.length);
assert.ok(reader.chunkIndexes.length > 1, "more than one chunk");
assert.equal(reader.channelsById.size, expected.channels.length);
const got = new Map(expected.channels.map((channel) => [channel.topic, []]));
let before = -1n;
for await (const message of reader.readMessages()) {
  assert.ok(message.logTime >= before, "in order of time");
  before = message.logTime;
  const channel = reader.channelsById.get(message.channelId);
  got.get(channel.topic).push([String(message.logTime), message.data.length, sha256(message.data)]);
}
for (const channel of expected.channels) {
  assert.deepEqual(got.get(channel.topic), channel.messages, channel.topic);
  const found = [...reader.channelsById.values()].find((item) => item.topic === channel.topic);
  if (channel.schema === "") {
    assert.equal(found.schemaId, 0);
    continue;
  }
  const schema = reader.schemasById.get(found.schemaId);
  assert.equal(schema.name, channel.schema);
  const text = JSON.parse(new TextDecoder().decode(schema.data));
  if (channel.row > 0) {
    assert.equal(found.messageEncoding, "x-causeway-rows");
    const sizes = { uint8: 1, int8: 1, uint16: 2, uint32: 4, int32: 4, uint64: 8, int64: 8, float32: 4, float64: 8 };
    const row = text["x-causeway-columns"].reduce((sum, column) => sum + sizes[column.type] * column.count, 0);
    assert.equal(row, channel.row, "the schema gives the size of a row");
  }
}

// A window in the middle uses the message indexes of some chunks alone.
let inWindow = 0;
for await (const message of reader.readMessages({ startTime: 30_000_000_000n, endTime: 31_000_000_000n })) {
  assert.ok(message.logTime >= 30_000_000_000n && message.logTime <= 31_000_000_000n);
  inWindow++;
}
const wanted = expected.channels.flatMap((channel) => channel.messages)
  .filter(([time]) => BigInt(time) >= 30_000_000_000n && BigInt(time) <= 31_000_000_000n);
assert.equal(inWindow, wanted.length);

// Attachments and metadata by their indexes.
const attachments = [];
for await (const item of reader.readAttachments()) {
  attachments.push([item.name, item.mediaType, sha256(item.data)]);
}
assert.deepEqual(attachments, expected.attachments);
let keys;
for await (const item of reader.readMetadata()) {
  assert.equal(item.name, "causeway");
  keys = item.metadata;
}
assert.equal(keys.get("seed"), expected.seed);
assert.equal(keys.get("command"), expected.command);

// As a stream, every check sum verified.
const stream = new McapStreamReader({ includeChunks: true, decompressHandlers, validateCrcs: true });
let messages = 0;
for (let at = 0; at < file.length; at += 65536) {
  stream.append(file.subarray(at, at + 65536));
  for (let record = stream.nextRecord(); record; record = stream.nextRecord()) {
    messages += record.type === "Message" ? 1 : 0;
  }
}
assert.ok(stream.done());
assert.equal(messages, total);
console.log(`${messages} messages read back by @mcap/core`);
