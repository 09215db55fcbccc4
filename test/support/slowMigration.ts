import { openCatalog } from '../../electron/engine/catalog/catalog';
import { migrations } from '../../electron/engine/catalog/migrations';

/**
 * Opens the catalog in its one argument with a migration that changes much and then runs for minutes, for
 * tests that kill the process. Prints `begun` first.
 */
const sql = `
  ALTER TABLE sandboxes ADD COLUMN colour TEXT;
  CREATE TABLE filler (value BLOB);
  WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 1000000000)
  INSERT INTO filler SELECT randomblob(4096) FROM numbers;
`;
console.log('begun');
openCatalog(process.argv[2] ?? '', [...migrations, { version: migrations.length + 1, sql }]);
