import { crc32, deflateRawSync } from "node:zlib";

/** 1980-01-01, the first day of the format: archives of the same content are the same bytes. */
const DATE = 0x0021;
const MADE_ON_UNIX = 3 << 8;
const VERSION = 20;
const DEFLATE = 8;

/**
 * A zip archive (APPNOTE 6.3) of small files.
 *
 * @param {readonly { name: string, content: Buffer, mode: number }[]} files `mode` as in `chmod`
 * @returns {Buffer}
 */
export function zipArchive(files) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const { name, content, mode } of files) {
    const path = Buffer.from(name);
    const packed = deflateRawSync(content, { level: 9 });
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(VERSION, 0);
    shared.writeUInt16LE(DEFLATE, 4);
    shared.writeUInt16LE(DATE, 8);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(content.length, 18);
    shared.writeUInt16LE(path.length, 22);
    const header = Buffer.concat([Buffer.from("PK\x03\x04"), shared, path]);
    const rest = Buffer.alloc(14);
    // A regular file of this mode.
    rest.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    const madeBy = Buffer.alloc(2);
    madeBy.writeUInt16LE(MADE_ON_UNIX | VERSION);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02"), madeBy, shared, rest, path]));
    local.push(header, packed);
    offset += header.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06"), end]);
}
