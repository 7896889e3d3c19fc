/** What the tests of this folder share: a server under attack, and a bystander whose terminal must go on answering. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import WebSocket from 'ws';
import type { ClientTerminal } from '../../sandbox-server/tools/rehearsal/client-terminal.ts';
import type { LearnerClient } from '../../sandbox-server/tools/rehearsal/learner-client.ts';
import { subprotocol } from '../../src/shared/protocol/messages.ts';
import { refusals } from '../../src/shared/protocol/refusals.ts';
import { WholeServer } from '../fixtures/server.ts';

export class Attacked {
	readonly server: WholeServer;
	readonly bystander: LearnerClient;
	#terminal: ClientTerminal;
	#asked = 0;

	private constructor(server: WholeServer, bystander: LearnerClient, terminal: ClientTerminal) {
		this.server = server;
		this.bystander = bystander;
		this.#terminal = terminal;
	}

	static async start(options: ConstructorParameters<typeof WholeServer>[0] = {}, visit = {}): Promise<Attacked> {
		const server = await WholeServer.start(options);
		try {
			const bystander = await server.withTerminal(visit);
			return new Attacked(server, bystander, await bystander.terminal());
		} catch (error) {
			await server.stop();
			throw error;
		}
	}

	/** The bystander’s page connects again, after the server was away. */
	async returns(): Promise<void> {
		await this.bystander.connect();
		await this.bystander.until(() => this.bystander.sandbox.state === 'ready', 'the bystander’s sandbox');
		this.#terminal = await this.bystander.terminal();
	}

	/** The server runs, and another learner's terminal answers as before. */
	async isUnharmed(): Promise<void> {
		assert.ok(this.server.running, 'the server runs');
		const question = ++this.#asked;
		assert.match(await this.#terminal.run(`echo answer-$((${question} * 1000))`), new RegExp(`answer-${question}000`));
		assert.deepEqual([this.bystander.notices, this.bystander.errors, this.bystander.closed], [[], [], undefined]);
	}

	/** Nothing that happened was a fault of the server. */
	hadNoFault(): void {
		const faults = this.server
			.log()
			.split('\n')
			.filter((line) => line && (JSON.parse(line) as { level: number }).level >= 50);
		assert.deepEqual(faults, []);
		// What it says of this machine's own runtime, and of courses for root, when it starts is no fault of the attack's.
		const said = this.server.said.split('\n').filter((line) => !/^Warning: (Runtime|Sandboxes share) /.test(line));
		assert.doesNotMatch(said.join('\n'), /Warning|Error/);
	}

	/**
	 * An HTTP request exactly as given: no client tidies it up.
	 * @param ends nothing comes after it; otherwise the server is to end the connection
	 * @returns what came back, or '' when the connection just ended
	 */
	async raw(text: string, ends = true): Promise<string> {
		const { hostname, port } = new URL(this.server.address);
		const socket = connectPlain(Number(port), hostname);
		let answer = '';
		socket.on('data', (bytes) => {
			answer += bytes.toString('latin1');
		});
		socket.on('error', () => undefined); // A connection that is cut is one of the answers.
		if (ends) socket.end(text, 'latin1');
		else socket.write(text, 'latin1');
		await once(socket, 'close');
		return answer;
	}

	/** Asks for a WebSocket. @returns the open socket, or the refusal's status and code */
	upgrade(headers: Record<string, string>, protocols: string[]): Promise<WebSocket | { status: number; code: string }> {
		const url = `${this.server.address.replace('http', 'ws')}/ws`;
		const socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
		return new Promise((resolve, reject) => {
			socket.once('open', () => resolve(socket));
			socket.once('error', reject);
			socket.once('unexpected-response', (_, response) => {
				let body = '';
				response.on('data', (bytes: Buffer) => {
					body += bytes;
				});
				response.on('end', () => resolve({ status: response.statusCode ?? 0, code: checkedCode(body) }));
			});
		});
	}

	async ticket(learner: LearnerClient, lesson = 'sandbox'): Promise<string> {
		const { ticket } = (await learner.post('/api/tickets', { course: learner.visit.course, lesson, language: 'en' })) as { ticket: string };
		return ticket;
	}

	/** Headers and subprotocols of an honest page. */
	async honest(learner: LearnerClient): Promise<{ headers: Record<string, string>; protocols: string[] }> {
		return {
			headers: { origin: this.server.address, cookie: learner.cookie },
			protocols: [subprotocol, `ticket.${await this.ticket(learner)}`],
		};
	}
}

/** A refusal is one of the catalogue, and shows nothing of the inside. @returns its code */
export function checkedCode(body: string): string {
	assertShowsNothing(body);
	const { code, message, ...rest } = JSON.parse(body) as { code: string; message: string };
	assert.ok(Object.hasOwn(refusals, code), body);
	assert.ok(message.length > 10, body);
	assert.deepEqual(rest, {});
	return code;
}

/** No stack trace, no path of the server, no word of the libraries. */
export function assertShowsNothing(body: string): void {
	assert.doesNotMatch(body, /\n\s+at |node_modules|\.ts:\d|\/sandbox-server\/|SqliteError|ZodError|FST_ERR/);
}
