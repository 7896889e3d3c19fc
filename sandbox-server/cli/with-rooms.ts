/** The store of a data folder, for commands that work on it whether a server runs or not: a server asks the store at each request. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, refusalText } from '../../src/shared/protocol/refusals.ts';
import { readSecret } from '../auth/secret.ts';
import type { ServerConfig } from '../config.ts';
import { RoomService } from '../rooms/room-service.ts';
import { Failure } from '../setup/failure.ts';
import { StoreUnusable } from '../store/migrations.ts';
import { openStore, type SqliteStore } from '../store/sqlite-store.ts';

/** Gives `work` the rooms of the data folder. @throws Failure */
export async function withRooms<T>({ data }: ServerConfig, work: (rooms: RoomService, store: SqliteStore) => T | Promise<T>): Promise<T> {
	const path = join(data, 'store.sqlite');
	if (!existsSync(path))
		throw new Failure(`There is no server in ${data}.`, { hint: './etabli up makes one; --data DIR names another folder.' });
	try {
		const key = await readSecret(join(data, 'secret'));
		const store = openStore(path);
		try {
			return await work(new RoomService({ store, key, now: () => Date.now() }), store);
		} finally {
			store.close();
		}
	} catch (error) {
		if (error instanceof StoreUnusable) throw new Failure(error.message, { cause: error });
		if (error instanceof Refusal && error.code === 'not-found')
			throw new Failure('There is no such room.', { hint: './etabli room list', cause: error });
		if (error instanceof Refusal) throw new Failure(refusalText(error.code, 'en', error.values), { cause: error });
		throw error;
	}
}
