// The catalogue: every exported kernel on one line.
export { table_u8 } from './int8/table';
