/** A plain web host: files of a folder, `index.html` for folders, 404 otherwise. No server of ours behind it. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream';

const types: Record<string, string> = {
	'.css': 'text/css',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.wasm': 'application/wasm',
};

export class StaticSite {
	readonly #server: Server;
	/** Bytes of each file that was asked for, uncompressed, in order. */
	served: { path: string; bytes: number }[] = [];

	constructor(folder: string) {
		this.#server = createServer((request, response) => {
			const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname));
			const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
			const found = existsSync(file) && statSync(file).isFile();
			const sent = found ? file : join(folder, '404.html');
			this.served.push({ path, bytes: found ? statSync(file).size : 0 });
			if (!existsSync(sent)) return void response.writeHead(404).end();
			response.writeHead(found ? 200 : 404, { 'content-type': types[extname(sent)] ?? 'application/octet-stream' });
			// A browser that leaves in the middle is no error.
			pipeline(createReadStream(sent), response, () => undefined);
		});
	}

	async listen(): Promise<this> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return this;
	}

	get address(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async close(): Promise<void> {
		const closed = new Promise((resolve) => this.#server.close(resolve));
		this.#server.closeAllConnections();
		await closed;
	}
}

/** The site as `etabli test` has built it. */
export function builtSite(): string {
	const folder = process.env['ETABLI_TEST_SITE'];
	if (!folder) throw new Error('ETABLI_TEST_SITE is not set: run this through ./etabli test e2e');
	return folder;
}
