/** For tests: an API server that is bad in ways in which a real one cannot be told to be. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeApi } from './kube-api.ts';

/** Answers one question; what it is asked for again is the next one's. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** As Kubernetes says no. */
export const refusing =
	(code: number, reason: string, headers: Record<string, string> = {}): Answer =>
	(_request, response) =>
		response.writeHead(code, headers).end(JSON.stringify({ kind: 'Status', code, reason, message: `${reason} ${code}` }));

export const saying =
	(answer: object): Answer =>
	(_request, response) =>
		response.end(JSON.stringify(answer));

/** A watch that says these events and then: ends in good order, is silent, or is cut. */
export const telling =
	(events: object[], then: 'ends' | 'is silent' | 'is cut'): Answer =>
	(_request, response) => {
		response.writeHead(200);
		const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
		if (then === 'ends') response.end(text);
		else response.write(text || '\n', () => then === 'is cut' && setImmediate(() => response.destroy()));
	};

/** Hangs up without a word. */
export const hangingUp: Answer = (request) => request.socket.destroy();

/** Never answers. */
export const mute: Answer = () => undefined;

/**
 * Answers what it is asked with one answer after the other, the last again and again.
 * @param list answers to questions for lists; @param watch to those for watches; @param silenceMs after which a watch is dead
 */
export async function badApiServer({
	list,
	watch = [mute],
	silenceMs = 60_000,
}: {
	list: readonly Answer[];
	watch?: readonly Answer[];
	silenceMs?: number;
}) {
	const asked: string[] = [];
	const counts = { list: 0, watch: 0 };
	const server = createServer((request, response) => {
		const url = new URL(request.url ?? '', 'http://x');
		const kind = url.searchParams.has('watch') ? 'watch' : 'list';
		asked.push(kind === 'watch' ? `watch ${url.searchParams.get('resourceVersion')}` : `${request.method} ${url.pathname}`);
		const answers = kind === 'watch' ? watch : list;
		answers[Math.min(counts[kind]++, answers.length - 1)]?.(request, response);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	const kubeconfig = JSON.stringify({
		apiVersion: 'v1',
		kind: 'Config',
		'current-context': 'bad',
		contexts: [{ name: 'bad', context: { cluster: 'bad', user: 'me' } }],
		clusters: [{ name: 'bad', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
		users: [{ name: 'me', user: { token: 'word' } }],
	});
	const api = await KubeApi.open({ context: undefined, kubeconfig, silenceMs });
	return {
		api,
		/** What it was asked, in order. */
		asked,
		close() {
			api.close();
			server.closeAllConnections();
			server.close();
		},
	};
}
