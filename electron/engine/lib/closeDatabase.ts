import type Database from 'better-sqlite3';

/** Closes a database, and has SQLite look after its statistics first, as it asks for (PRAGMA optimize). */
export function closeDatabase(database: Database.Database): void {
  try {
    database.pragma('optimize');
  } catch {
    // A full disk must not hinder the end.
  }
  database.close();
}
