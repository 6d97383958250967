// Runs Chrome DevTools' heap-snapshot engine without a browser and writes its numbers as tab-separated text to OUT.
// usage: node devtools.mjs DEVTOOLS-FOLDER OUT load FILE          C <key> <count> <shallow> <retained>, N <id> <shallow> <retained> <distance> <is a closure>,
//                                                         S <what> <bytes>
//        node devtools.mjs DEVTOOLS-FOLDER OUT diff BASE AFTER    D <key> <added> <removed> <added bytes> <removed bytes>
// With `-` for OUT it does the work and writes nothing, to be timed.
import fs from 'node:fs';
import path from 'node:path';

const [folder, out, command, first, second] = process.argv.slice(2);
const source = path.resolve(folder, 'build/src');
const { HeapSnapshotManager } = await import(path.join(source, 'processors/HeapSnapshotManager.js'));
const { DevTools } = await import(path.join(source, 'third_party/index.js'));
const manager = new HeapSnapshotManager();
const isTimed = out === '-';
const lines = [];
const print = (...fields) => lines.push(fields.join('\t').replaceAll('\n', ' '));

async function load(file) {
  const { proxy } = await manager.getSnapshot(file);
  const classes = await proxy.aggregatesWithFilter(new DevTools.HeapSnapshotModel.HeapSnapshotModel.NodeFilter());
  if (isTimed) return;
  for (const [key, { count, self, maxRet }] of Object.entries(classes)) print('C', key, count, self, maxRet);
  const { total, native, v8heap } = await proxy.getStatistics();
  for (const [what, bytes] of Object.entries({ all: total, native: native.total, typed_arrays: native.typedArrays, code: v8heap.code, strings: v8heap.strings, system: v8heap.system, js_arrays: v8heap.jsArrays })) print('S', what, bytes);
  const provider = proxy.queryObjects({ sortBy: 'none' });
  const step = 100_000;
  for (let begin = 0; ; begin += step) {
    const { items } = await provider.serializeItemsRange(begin, begin + step);
    for (const { id, selfSize, retainedSize, distance, type } of items) print('N', id, selfSize, retainedSize, distance, type === 'closure' ? 1 : 0);
    if (items.length < step) return;
  }
}

async function diff(baseFile, afterFile) {
  const [base, after] = [await manager.getSnapshot(baseFile), await manager.getSnapshot(afterFile)];
  const classes = await base.proxy.aggregatesForDiff(await after.proxy.interfaceDefinitions());
  const rows = await after.proxy.calculateSnapshotDiff('base', classes);
  if (isTimed) return;
  for (const [key, row] of Object.entries(rows)) print('D', key, row.addedCount, row.removedCount, row.addedSize, row.removedSize);
}

await (command === 'diff' ? diff(first, second) : load(first));
if (!isTimed) fs.writeFileSync(out, lines.join('\n'));
process.exit(0);
