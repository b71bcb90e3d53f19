// Holds each JSON message of a trace against the JSON schema that the trace embeds for it: type, properties, required,
// items, bounds, oneOf. A field that the schema does not declare is a failure.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { zstdDecompress } from "./zstd.mjs";

const [modules, tracePath, ...wanted] = process.argv.slice(2);
const { McapStreamReader } = createRequire(modules + "/package.json")("@mcap/core");

const isType = {
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};
const keywords = new Set(["$schema", "$id", "$comment", "title", "description", "schema", "type", "const", "enum", "oneOf", "properties",
  "required", "items", "minItems", "maxItems", "minimum", "maximum"]);

// What is wrong with the value, by its place in it; nothing where all is well.
function* faults(schema, value, place) {
  for (const keyword of Object.keys(schema)) {
    if (!keywords.has(keyword) && !keyword.startsWith("x-")) yield `${place}: the schema says "${keyword}", which is not checked`;
  }
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isType[type](value))) {
    yield `${place}: not of type ${schema.type}`;
    return;
  }
  if ("const" in schema && value !== schema.const) yield `${place}: not ${schema.const}`;
  if (schema.enum && !schema.enum.includes(value)) yield `${place}: none of ${schema.enum}`;
  if (schema.oneOf && schema.oneOf.filter((one) => faults(one, value, place).next().done).length !== 1) {
    yield `${place}: not one of what is allowed`;
  }
  if (value < schema.minimum || value > schema.maximum) yield `${place}: out of bounds`;
  if (isType.object(value)) {
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) yield `${place}: lacks ${name}`;
    }
    for (const [name, part] of Object.entries(value)) {
      if (Object.hasOwn(schema.properties ?? {}, name)) yield* faults(schema.properties[name], part, `${place}.${name}`);
      else yield `${place}: ${name} is not declared`;
    }
  }
  if (isType.array(value)) {
    if (value.length < schema.minItems || value.length > schema.maxItems) yield `${place}: ${value.length} items`;
    for (const [i, part] of value.entries()) {
      if (schema.items) yield* faults(schema.items, part, `${place}[${i}]`);
      else yield `${place}: items are not declared`;
    }
  }
}

// The check itself must be able to fail.
const point = { type: "object", properties: { x: { type: "number" }, list: { type: "array", items: { type: "integer" } } }, required: ["x"] };
for (const [value, count] of [[{ x: 1 }, 0], [{ x: 1, list: [1, 2] }, 0], [{}, 1], [{ x: "1" }, 1], [{ x: 1, y: 2 }, 1], [{ x: 1, list: [0.5, "a"] }, 2], [[], 1]]) {
  assert.equal([...faults(point, value, "point")].length, count, JSON.stringify(value));
}

const schemas = new Map(), channels = new Map(), seen = new Map();
const stream = new McapStreamReader({ decompressHandlers: { zstd: await zstdDecompress(modules) } });
stream.append(readFileSync(tracePath));
let checked = 0;
for (let record = stream.nextRecord(); record; record = stream.nextRecord()) {
  if (record.type === "Schema") schemas.set(record.id, { ...record, text: record.encoding === "jsonschema" ? JSON.parse(new TextDecoder().decode(record.data)) : null });
  if (record.type === "Channel") channels.set(record.id, record);
  if (record.type !== "Message") continue;
  const channel = channels.get(record.channelId), schema = schemas.get(channel.schemaId);
  if (channel.messageEncoding !== "json" || !schema?.text) continue;
  const text = new TextDecoder("utf-8", { fatal: true }).decode(record.data);
  const [fault] = faults(schema.text, JSON.parse(text), `${channel.topic} at ${record.logTime}`);
  assert.equal(fault, undefined, fault);
  seen.set(channel.topic, (seen.get(channel.topic) ?? "") + text);
  checked++;
}
// What is asked for beside the schemas: TOPIC for a channel that must have messages, TOPIC=TEXT for words that they must hold.
for (const item of wanted) {
  const [topic, words] = item.split("=");
  assert.ok(seen.has(topic), `${topic} has messages`);
  assert.ok(words === undefined || seen.get(topic).includes(words), `${topic} says "${words}"`);
}
console.log(`${checked} messages of ${seen.size} channels are as their schemas say`);
