import type Database from 'better-sqlite3';

/** Closes a database after `PRAGMA optimize`, which SQLite recommends at the end of a connection. */
export function closeDatabase(database: Database.Database): void {
  try {
    database.pragma('optimize');
  } catch {
    // A full disk must not prevent the close.
  }
  database.close();
}
