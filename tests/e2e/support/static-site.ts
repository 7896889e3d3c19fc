/** A plain web host: files of a folder, `index.html` for folders, 404 otherwise. No server of ours behind it. */
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
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
	/** Where pages are cut, by the text before which they are; each piece but the first waits for `sendPiece`. */
	cuts: string[] = [];
	readonly #held: (() => void)[] = [];

	constructor(folder: string) {
		this.#server = createServer((request, response) => {
			const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname));
			const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
			const found = existsSync(file) && statSync(file).isFile();
			const sent = found ? file : join(folder, '404.html');
			this.served.push({ path, bytes: found ? statSync(file).size : 0 });
			if (!existsSync(sent)) return void response.writeHead(404).end();
			response.writeHead(found ? 200 : 404, { 'content-type': types[extname(sent)] ?? 'application/octet-stream' });
			if (sent.endsWith('index.html') && this.cuts.length > 0) return this.#holdPieces(response, readFileSync(sent, 'utf8'));
			// A browser that leaves in the middle is no error.
			pipeline(createReadStream(sent), response, () => undefined);
		});
	}

	/** Sends what stands before the first cut, ended by `<template data-piece="0">`, and keeps the rest for `sendPiece`. */
	#holdPieces(response: ServerResponse, page: string): void {
		const places = this.cuts.map((text) => page.indexOf(text));
		if (places.some((place, index) => place < (places[index - 1] ?? 0))) throw new Error(`not in this order in the page: ${this.cuts}`);
		for (const [index, place] of places.entries()) {
			const piece = `${page.slice(places[index - 1] ?? 0, place)}<template data-piece="${index}"></template>`;
			this.#held.push(() => void response.write(piece));
		}
		this.#held.push(() => void response.end(page.slice(places.at(-1))));
		this.sendPiece();
	}

	sendPiece(): void {
		this.#held.shift()?.();
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
