/** A real Chromium, driven over its DevTools protocol: enough to run a function in a page of the measured server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { which } from '../../setup/run.ts';

const programs = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

interface Answer {
	id?: number;
	result?: Record<string, unknown>;
	error?: { message: string };
}

/** Runs source text in a page, and gives its (awaited) value. */
export interface Page {
	(source: string): Promise<unknown>;
	/** A key of a keyboard, down and up, with the letter that it writes, "\r" for Enter. Resolves when the page has taken it. */
	press(letter: string): Promise<void>;
	/** Ctrl and that key. */
	pressCtrl(letter: string): Promise<void>;
	/** Brings it into sight: of several pages one is. */
	front(): Promise<void>;
}

interface PageOptions {
	/** Source text that runs in it before its own scripts. */
	before?: string;
	/** Its size in pixels; left out: the window's. */
	size?: { width: number; height: number };
}

/** What a keyboard says of a key besides its letter. */
const keyOf = (letter: string) => ({
	key: letter === '\r' ? 'Enter' : letter,
	windowsVirtualKeyCode: /^[a-z0-9 \r]$/i.test(letter) ? letter.toUpperCase().charCodeAt(0) : 0,
});
const control = 2;

export class Chromium {
	readonly #child: ChildProcess;
	readonly #socket: WebSocket;
	readonly #folder: string;
	readonly #waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }>();
	#last = 0;
	#pages: string[] = [];

	private constructor(child: ChildProcess, socket: WebSocket, folder: string) {
		this.#child = child;
		this.#socket = socket;
		this.#folder = folder;
		socket.on('message', (data) => this.#answer(JSON.parse(String(data)) as Answer));
		socket.on('close', () => {
			for (const { reject } of this.#waiting.values()) reject(new Error('Chromium went away'));
			this.#waiting.clear();
		});
	}

	/** @throws Error when there is none on this machine, or it does not start */
	static async start(): Promise<Chromium> {
		const program = programs.map((name) => which(name)).find((path) => path !== undefined);
		if (!program) throw new Error('there is no Chromium on this machine (package chromium)');
		const folder = mkdtempSync(join(tmpdir(), 'etabli-chromium-'));
		const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
		const args = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`, '--disable-background-networking'];
		const child = spawn(program, [...args, '--disable-dev-shm-usage', '--no-first-run', '--window-size=1280,800', ...root, 'about:blank'], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		try {
			const socket = new WebSocket(await listening(child));
			await once(socket, 'open');
			return new Chromium(child, socket, folder);
		} catch (error) {
			child.kill('SIGKILL');
			rmSync(folder, { recursive: true, force: true });
			throw error;
		}
	}

	/** A page at this address, in sight. */
	async page(address: string, { before, size }: PageOptions = {}): Promise<Page> {
		const { targetId } = await this.#call('Target.createTarget', { url: 'about:blank' });
		this.#pages.push(String(targetId));
		const { sessionId } = await this.#call('Target.attachToTarget', { targetId, flatten: true });
		// Any page of the server will do; that it is not made for scripts must not stand in the way.
		await this.#call('Page.setBypassCSP', { enabled: true }, sessionId as string);
		if (before !== undefined) {
			await this.#call('Page.enable', {}, sessionId as string);
			await this.#call('Page.addScriptToEvaluateOnNewDocument', { source: before }, sessionId as string);
		}
		if (size) await this.#call('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false }, sessionId as string);
		await this.#call('Page.navigate', { url: address }, sessionId as string);
		const run = async (source: string) => {
			const request = { expression: source, awaitPromise: true, returnByValue: true };
			const { result, exceptionDetails } = (await this.#call('Runtime.evaluate', request, sessionId as string)) as {
				result?: { value?: unknown };
				exceptionDetails?: { exception?: { description?: string }; text: string };
			};
			if (exceptionDetails) throw new Error(`in the page: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
			return result?.value;
		};
		for (let tries = 0; (await run('location.origin + document.readyState')) !== `${new URL(address).origin}complete`; tries++) {
			if (tries > 200) throw new Error(`Chromium does not show ${address}`);
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		const key = async (params: { key: string }, text: object) => {
			await this.#call('Input.dispatchKeyEvent', { type: 'keyDown', ...text, ...params }, sessionId as string);
			await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', ...params }, sessionId as string);
		};
		return Object.assign(run, {
			press: (letter: string) => key(keyOf(letter), { text: letter }),
			pressCtrl: (letter: string) => key({ ...keyOf(letter), modifiers: control } as { key: string }, {}),
			front: async () => void (await this.#call('Target.activateTarget', { targetId })),
		});
	}

	/** Closes every page that was opened. */
	async closePages(): Promise<void> {
		const pages = this.#pages;
		this.#pages = [];
		await Promise.all(pages.map((targetId) => this.#call('Target.closeTarget', { targetId })));
	}

	/** Whoever has this cookie, for all pages of that address. */
	async cookie(cookie: { name: string; value: string; url: string }): Promise<void> {
		await this.#call('Storage.setCookies', { cookies: [cookie] });
	}

	async stop(): Promise<void> {
		const exit = this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, 'exit') : undefined;
		this.#child.kill('SIGKILL');
		await exit;
		this.#socket.terminate();
		rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
	}

	#call(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
		const id = ++this.#last;
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, { resolve, reject });
			this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) }));
		});
	}

	#answer({ id, result, error }: Answer): void {
		const waiting = id === undefined ? undefined : this.#waiting.get(id);
		if (id === undefined || !waiting) return;
		this.#waiting.delete(id);
		if (error) waiting.reject(new Error(error.message));
		else waiting.resolve(result ?? {});
	}
}

/** Chromium says on its error output where it can be reached. */
function listening(child: ChildProcess): Promise<string> {
	return new Promise((resolve, reject) => {
		let said = '';
		const timer = setTimeout(() => reject(new Error(`Chromium did not start: ${said.slice(-500)}`)), 30_000);
		child.stderr?.on('data', (text: Buffer) => {
			said = (said + text).slice(-20_000);
			const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
			if (found === undefined) return;
			clearTimeout(timer);
			resolve(found);
		});
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`Chromium ended (${code}): ${said.slice(-500)}`)));
	});
}

/** @returns source text that does this work of ours in a page */
export const inPage = (work: (argument: never) => unknown, argument: unknown) => `(${work.toString()})(${JSON.stringify(argument)})`;
