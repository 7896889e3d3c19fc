/** The same sandboxes by Docker, and by an OCI runtime alone (`--engine oci`): what a start, a class and sandboxes at rest cost with each. */
import type { Engine } from '../../../runtimes/engine.ts';
import { OciEngine } from '../../../runtimes/oci/engine.ts';
import { now } from '../client.ts';
import type { Kit, Measure } from '../kit.ts';
import { RawContainer } from '../raw.ts';
import type { Row, Target } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median, percentile } from '../statistics.ts';
import { beginClass, containerAlone, failureRow } from './class.ts';
import { type Lain, lieIdle } from './idle.ts';

const mb = 1e6;

/** @throws Error saying why, where one of the two cannot be had */
function both({ engine }: Kit): { docker: Engine; own: Engine } {
	if (engine.kind === 'oci') return { docker: engine.builder, own: engine };
	return { docker: engine, own: OciEngine.over(engine) };
}

/** Click until the prompt, ms, as the page sees it. */
async function click(server: MeasuredServer): Promise<number> {
	const client = await server.client();
	const begun = now();
	await client.start();
	await client.open();
	const ms = now() - begun;
	await client.goHome();
	return ms;
}

async function coldStarts(kit: Kit, { docker, own }: ReturnType<typeof both>): Promise<Row[]> {
	const servers = { docker: await kit.docker({ engine: docker }), own: await kit.docker({ engine: own }) };
	const [alone, byDocker, byOwn]: [number[], number[], number[]] = [[], [], []];
	const { cold } = kit.scale.engines;
	for (let count = 0; count < cold; count++) {
		kit.signal.throwIfAborted();
		kit.detail(`cold start ${count + 1} of ${cold}`);
		const container = await RawContainer.run(kit);
		await container.remove();
		alone.push(container.promptMs);
		byDocker.push(await click(servers.docker));
		byOwn.push(await click(servers.own));
	}
	await kit.endServers();
	const reference = { what: 'create, attach, start by Docker until its shell’s prompt, p50', value: median(alone) };
	const as = { unit: 'ms', samples: cold, reference };
	return [
		{ ...as, what: 'cold, click to prompt, p50: oci', value: median(byOwn), target: { of: 'ratio', at: 'most', limit: 0.35 } },
		{ ...as, what: 'cold, click to prompt, p50: docker', value: median(byDocker) },
	];
}

async function classes(kit: Kit, engines: ReturnType<typeof both>): Promise<Row[]> {
	const { class: size, pool } = kit.scale.engines;
	const begun = async (engine: Engine) => {
		const seen = await beginClass(kit, await kit.docker({ engine, pool }), size);
		await kit.endServers();
		if (seen.waited.length === 0) throw new Error(`${engine.kind}: ${seen.failures[0] ?? 'nobody got a prompt'}`);
		return seen;
	};
	const docker = await begun(engines.docker);
	const own = await begun(engines.own);
	const alone = await containerAlone(kit);
	const what = `${size} click at once on a pool of ${pool}`;
	const reference = { what: `the same with docker, p95 (n=${docker.waited.length})`, value: percentile(docker.waited, 95) };
	const ready = (seen: typeof own, target?: Target): Row[] =>
		seen.pooled.length === 0
			? []
			: [
					{
						what: `– those who find one ready, p95: ${seen === own ? 'oci' : 'docker'}`,
						value: percentile(seen.pooled, 95),
						unit: 'ms',
						samples: seen.pooled.length,
						reference: alone,
						...(target && { target }),
					},
				];
	return [
		failureRow(`${what}: starts that failed, oci`, size, own.failures),
		failureRow(`${what}: starts that failed, docker`, size, docker.failures),
		{
			what: `${what}: click to prompt, p95: oci`,
			value: percentile(own.waited, 95),
			unit: 'ms',
			samples: own.waited.length,
			reference,
			target: { of: 'ratio', at: 'most', limit: 0.3 },
		},
		...ready(own, { of: 'ratio', at: 'most', limit: 3 }),
		...ready(docker),
	];
}

async function atRest(kit: Kit, engines: ReturnType<typeof both>): Promise<Row[]> {
	const lain = async (engine: Engine): Promise<Lain> => {
		const seen = await lieIdle(kit, { server: await kit.docker({ engine }), engine });
		await kit.endServers();
		return seen;
	};
	const docker = await lain(engines.docker);
	const own = await lain(engines.own);
	const each = ({ groups, helpers, count }: Lain) => (groups + helpers) / count / mb;
	const all = ({ busy }: Lain) => busy.server + busy.sandboxes + busy.helpers;
	const parts = ({ busy }: Lain) =>
		`server ${busy.server.toFixed(2)}, sandboxes ${busy.sandboxes.toFixed(2)}, helpers ${busy.helpers.toFixed(2)} %`;
	const half: Target = { of: 'ratio', at: 'most', limit: 0.5 };
	return [
		{
			what: 'memory of an idle sandbox with its shell, helpers included: oci',
			value: each(own),
			unit: 'MB',
			samples: own.count,
			reference: { what: `the same with docker (n=${docker.count})`, value: each(docker) },
			target: half,
		},
		{
			what: `processor time of ${own.count} idle learners with open terminals: oci`,
			value: all(own),
			unit: '% of a core',
			reference: { what: `the same with docker (n=${docker.count})`, value: all(docker) },
			// In a moment's look nobody may have needed any.
			...(all(docker) > 0 && { target: half }),
			note: `oci: ${parts(own)}; docker: ${parts(docker)}; its daemon is not in it`,
		},
	];
}

async function run(kit: Kit): Promise<Row[]> {
	const engines = both(kit);
	await engines.own.makeReady?.(kit.image, kit.signal);
	return [...(await coldStarts(kit, engines)), ...(await classes(kit, engines)), ...(await atRest(kit, engines))];
}

export const engines: Measure = { name: 'engines', title: 'Docker, and an OCI runtime alone', run };
