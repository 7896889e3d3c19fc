/** A page of a program in a sandbox, through the server's preview, against the engine's own forwarding of a port to the same program. */
import { request } from 'node:http';
import { type BenchmarkClient, now } from '../client.ts';
import { benchCourse } from '../course.ts';
import type { Kit, Measure } from '../kit.ts';
import { RawContainer } from '../raw.ts';
import type { Row } from '../rows.ts';
import { percentile } from '../statistics.ts';

const port = 8000;
const tries = 200;
/** Between two pages: a person reads. Without it, pages are a flood, which is held to the pace of all floods (agent/pace.ts). */
const pauseMs = 80;

/** A server of what the image has (perl): any request is answered with that many bytes, by a process of its own. */
const program = (host: string, bytes: number) =>
	`use strict; use IO::Socket::INET; $SIG{CHLD} = 'IGNORE';
my $page = 'x' x ${bytes};
my $l = IO::Socket::INET->new(LocalAddr => '${host}', LocalPort => ${port}, Listen => 64, ReuseAddr => 1) or die;
while (my $c = $l->accept) { next if fork; while (my $line = <$c>) { last if $line =~ /^\\r?\\n/ }
 print $c "HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: ${bytes}\\r\\nConnection: close\\r\\n\\r\\n", $page; close $c; exit }
`;

interface Place {
	/** Address to connect to. */
	port: number;
	host: string;
	cookie?: string;
}

interface Got {
	status: number;
	bytes: number;
	cookie: string;
	/** From the request to the last byte, ms. */
	ms: number;
}

/** As a browser asks for one page: a connection of its own. */
function fetchPage(place: Place, path: string): Promise<Got> {
	const begun = now();
	return new Promise((resolve, reject) => {
		const headers = { host: place.host, ...(place.cookie && { cookie: place.cookie }) };
		request({ host: '127.0.0.1', port: place.port, path, headers, agent: false }, (answer) => {
			let bytes = 0;
			answer.on('data', (piece: Buffer) => {
				bytes += piece.length;
			});
			answer.once('error', reject);
			answer.once('end', () => {
				const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
				resolve({ status: answer.statusCode ?? 0, bytes, cookie, ms: now() - begun });
			});
		})
			.once('error', reject)
			.end();
	});
}

/** Opens the preview as the lesson page does. */
async function openPreview(learner: BenchmarkClient): Promise<Place> {
	const { address, origin } = (await learner.request('POST', `/api/sandboxes/${benchCourse}/previews?language=en`, { port })) as {
		address: string;
		origin: string;
	};
	const { host, port: door } = new URL(origin);
	const place = { host, port: Number(door) };
	const { cookie } = await fetchPage(place, address.slice(origin.length));
	return { ...place, cookie };
}

/** Waits until all of the page comes. @throws Error when it does not */
async function answers(place: Place, bytes: number, signal: AbortSignal): Promise<void> {
	let last = '';
	for (let attempt = 0; attempt < tries; attempt++) {
		signal.throwIfAborted();
		try {
			const got = await fetchPage(place, '/');
			if (got.bytes === bytes) return;
			last = `${got.status}, ${got.bytes} bytes`;
		} catch (error) {
			last = error instanceof Error ? error.message : String(error);
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`the page at ${place.host} does not come: ${last}`);
}

async function run(kit: Kit): Promise<Row[]> {
	const { bytes, fetches } = kit.scale.preview;
	const server = await kit.docker();
	const learner = await server.withTerminal();
	await learner.run(`echo ${Buffer.from(program('127.0.0.1', bytes)).toString('base64')} | base64 -d > server.pl`);
	await learner.run('(perl server.pl > /dev/null 2>&1 &)');
	const forwarded = await RawContainer.serve(kit, ['perl', '-e', program('0.0.0.0', bytes)], port);
	try {
		const ours = await openPreview(learner);
		const engines = { host: `127.0.0.1:${forwarded.port}`, port: forwarded.port };
		for (const place of [ours, engines]) await answers(place, bytes, kit.signal);
		kit.detail(`${fetches} × ${bytes / 1e6} MB by each way, in turns, with ${pauseMs} ms between`);
		const times: { ours: number[]; engines: number[] } = { ours: [], engines: [] };
		let short = 0;
		for (let fetch = 0; fetch < fetches; fetch++) {
			for (const way of fetch % 2 ? (['ours', 'engines'] as const) : (['engines', 'ours'] as const)) {
				await new Promise((resolve) => setTimeout(resolve, pauseMs));
				kit.signal.throwIfAborted();
				const got = await fetchPage(way === 'ours' ? ours : engines, '/');
				times[way].push(got.ms);
				if (got.bytes !== bytes) short++;
			}
		}
		const row = (p: number): Row => ({
			what: `page of ${bytes / 1e6} MB in the preview, request → last byte, p${p}`,
			value: percentile(times.ours, p),
			unit: 'ms',
			samples: fetches,
			reference: { what: `the engine’s own forwarding of a port, p${p}`, value: percentile(times.engines, p) },
			target: { of: 'ratio', at: 'most', limit: 1.3 },
		});
		return [
			row(50),
			row(95),
			{
				what: 'pages that were not whole, by either way',
				value: short,
				unit: 'pages',
				reference: { what: 'pages', value: 2 * fetches },
				target: { of: 'figure', at: 'most', limit: 0 },
			},
		];
	} finally {
		await forwarded.container.remove();
	}
}

export const preview: Measure = { name: 'preview', title: 'A web page of a program in a sandbox', run };
