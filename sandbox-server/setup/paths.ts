/** Where things are: the checkout, and a running server's data (docs/architecture.md, "Files of a running server"). */
import { join, resolve } from 'node:path';

/** The checkout. */
export const root = resolve(import.meta.dirname, '../..');

/** In the checkout that an image of a server is: what was built when the image was made. Other checkouts have none. */
export const preparedFolder = 'prepared';

export interface DataPaths {
	data: string;
	stamps: string;
	run: string;
	logs: string;
	guest: string;
	site: string;
	registry: string;
	/** Transports of the sandboxes. */
	sandboxes: string;
}

/** @param data absolute path of the data folder */
export function dataPaths(data: string): DataPaths {
	return {
		data,
		stamps: join(data, 'stamps'),
		run: join(data, 'run'),
		logs: join(data, 'logs'),
		guest: join(data, 'guest'),
		site: join(data, 'site'),
		registry: join(data, 'registry'),
		sandboxes: join(data, 'sandboxes'),
	};
}
