export { json, nullable, text, time } from './codecs';
export {
  type Field,
  type FieldTable,
  field,
  fromRow,
  insertInto,
  newRecord,
  pickFields,
  type Row,
  toRow,
} from './fieldTable';
export { type SandboxRecord, sandboxFields } from './sandboxFields';
export { type SnapshotRecord, snapshotFields } from './snapshotFields';
