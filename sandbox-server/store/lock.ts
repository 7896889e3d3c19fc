/** One server per data folder: two would take each other's sandboxes for lost ones and put them away. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnusable } from './migrations.ts';

/**
 * Holds the folder until the returned function is called or the process ends, however it ends: the lock is SQLite's on an empty
 * database, which the kernel takes back, so that no stale file is ever in the way.
 * @throws StoreUnusable when another server holds it, or the file cannot be made
 */
export function lockFolder(folder: string): () => void {
	const path = `${folder}/lock.sqlite`;
	let database: DatabaseSync | undefined;
	try {
		closeSync(openSync(path, 'a', 0o600));
		database = new DatabaseSync(path, { timeout: 0 });
		database.exec('begin exclusive');
	} catch (error) {
		database?.close();
		if ((error as { errcode?: number }).errcode === 5) {
			throw new StoreUnusable(`Another server runs with the folder ${folder}. Stop it (etabli down), or give another folder with --data.`);
		}
		throw new StoreUnusable(`${path} cannot be made: ${(error as Error).message}. Give another folder with --data.`, { cause: error });
	}
	const held = database;
	return () => {
		if (held.isOpen) held.close();
	};
}
