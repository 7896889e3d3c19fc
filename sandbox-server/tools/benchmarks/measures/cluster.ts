/** A learner's own Slurm cluster: what it adds to a start and to memory, how soon its jobs begin, and a class that submits at once. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { plainText } from '../../../../src/shared/control-sequences.ts';
import type { StepReport } from '../../../../src/shared/protocol/api.ts';
import { type BenchmarkClient, now } from '../client.ts';
import { type Kit, type Measure, poolFull, sandboxOf, storedSandboxes } from '../kit.ts';
import { availableMemory, groupMemory } from '../proc.ts';
import type { MeasuredRow, Row } from '../rows.ts';
import type { MeasuredServer } from '../server.ts';
import { median, percentile } from '../statistics.ts';
import { judgedAfter } from './verdict.ts';

const mib = 2 ** 20;
/** What the machine has to keep while a class submits, and what each of its sandboxes is expected to take, bytes. */
const reserve = 4 * 2 ** 30;
const guess = 100 * mib;
/** Tasks of each learner's array. */
const tasks = 4;
/** So often it is asked for the nodes. */
const mostTries = 200;
/** For everybody's tasks, on a machine that is slow, ms. */
const classMs = 1_800_000;
/** So long a job whose end is waited for runs, s: the check after its `sbatch` is over by then. */
const jobSeconds = 1.5;

/** What a command prints in that terminal, the command itself included. */
async function ask(client: BenchmarkClient, command: string, ms?: number): Promise<string> {
	const pieces: Uint8Array[] = [];
	client.onOutput = (bytes) => pieces.push(Uint8Array.from(bytes));
	await client.run(command, ms);
	client.onOutput = undefined;
	return plainText(Buffer.concat(pieces).toString());
}

interface Click {
	/** From the click, ms. */
	prompt: number;
	answer: number;
}

/** A learner who clicks, and asks at the prompt until the answer is there. They leave with the sandbox. */
async function click(server: MeasuredServer, { command, shows }: { command: string; shows: RegExp }): Promise<Click> {
	const client = await server.client();
	const begun = now();
	await client.start();
	await client.open();
	const prompt = now() - begun;
	for (let tries = 0; ; tries++) {
		const said = await ask(client, command);
		if (shows.test(said)) break;
		if (tries === mostTries) throw new Error(`"${command}" says ${said.slice(-200)}`);
	}
	const answer = now() - begun;
	await client.goHome();
	return { prompt, answer };
}

/** Nodes of the cluster that is measured. @throws Error when no course has one */
function nodesOf({ clustered }: Pick<Kit, 'clustered'>): number {
	if (!clustered) throw new Error('no course that is served has a cluster');
	return clustered.cluster.nodes;
}

/** "1 node", "2 idle nodes" */
const inWords = (nodes: number, kind = '') => `${nodes} ${kind}${nodes === 1 ? 'node' : 'nodes'}`;

/** What asks for so many nodes, and what is said when all of them are idle. */
export const allIdle = (nodes: number) => ({ command: "sinfo -h -o '%D %T'", shows: new RegExp(`^${nodes} idle\\r?$`, 'm') });
const version = { command: 'slurmd -V', shows: /^slurm\S* \d/m };

interface Pair {
	/** Servers of the same image, with a cluster and without. */
	cluster: MeasuredServer;
	bare: MeasuredServer;
}

/** Clicks of both kinds in turns, so that both see the same moments of the machine. */
async function turns(kit: Kit, { cluster, bare }: Pair, count: number, what: string): Promise<{ with: Click[]; without: Click[] }> {
	const clicks = { with: [] as Click[], without: [] as Click[] };
	for (let round = 0; round < count; round++) {
		kit.detail(`${what}, ${round + 1} of ${count}`);
		for (const server of [cluster, bare]) await poolFull(server, kit.signal);
		clicks.without.push(await click(bare, version));
		for (const server of [cluster, bare]) await poolFull(server, kit.signal);
		clicks.with.push(await click(cluster, allIdle(nodesOf(kit))));
	}
	return clicks;
}

type Target = NonNullable<MeasuredRow['target']>;

interface Part {
	of: keyof Click;
	/** Of the cluster. */
	nodes: number;
}

/** Rows of p50 and p95, the latter with the target. */
function startRows(what: string, clicks: Awaited<ReturnType<typeof turns>>, target: Target, { of: part, nodes }: Part): Row[] {
	const kinds = {
		prompt: { of: 'click to prompt', than: 'the same image without cluster' },
		answer: {
			of: `click to ${inWords(nodes, 'idle ')} in \`sinfo\``,
			than: 'the same image without cluster, and `slurmd -V` at its prompt',
		},
	};
	return [50, 95].map((p) => ({
		what: `${what}, ${kinds[part].of}, p${p}`,
		value: percentile(
			clicks.with.map((one) => one[part]),
			p,
		),
		unit: 'ms',
		samples: clicks.with.length,
		reference: {
			what: `${kinds[part].than}, p${p}`,
			value: percentile(
				clicks.without.map((one) => one[part]),
				p,
			),
		},
		...(p === 95 && { target }),
	}));
}

async function starts(kit: Kit, pair: Pair): Promise<Row[]> {
	const { warm, cold } = kit.scale.cluster;
	const made = await turns(kit, pair, cold, 'made on demand');
	for (const server of [pair.cluster, pair.bare]) server.pool(2);
	const pooled = await turns(kit, pair, warm, 'from the pool');
	const ratio: Target = { of: 'ratio', at: 'most', limit: 1.2 };
	const nodes = nodesOf(kit);
	return [
		...startRows('from the pool', pooled, ratio, { of: 'prompt', nodes }),
		...startRows('from the pool', pooled, ratio, { of: 'answer', nodes }),
		...startRows('made on demand', made, { of: 'difference', at: 'most', limit: 400 }, { of: 'prompt', nodes }),
	];
}

async function groupOf(kit: Kit, name: string): Promise<number> {
	const pid = await kit.engine.pid(name);
	if (pid === undefined) throw new Error(`${name} does not run`);
	return groupMemory(pid) / mib;
}

/** In the pool, and with a page at the prompt: its scripts that wait for jobs, and for what the page shows of the nodes, are the cluster's, too. */
async function memory(kit: Kit, { cluster, bare }: Pair): Promise<Row[]> {
	kit.detail('memory');
	for (const server of [cluster, bare]) await poolFull(server, kit.signal);
	await sleep(3000);
	const pooled = async (server: MeasuredServer) => {
		const names = storedSandboxes(server).flatMap(({ name, learner, state }) => (learner === null && state === 'ready' ? [name] : []));
		return median(await Promise.all(names.map((name) => groupOf(kit, name))));
	};
	const inPool = { with: await pooled(cluster), without: await pooled(bare) };
	for (const server of [cluster, bare]) server.pool(0);
	const open = async (server: MeasuredServer) => {
		const clients = [await server.withTerminal(), await server.withTerminal()];
		await sleep(3000);
		const used = await Promise.all(clients.map(({ name }) => groupOf(kit, sandboxOf(server, name))));
		for (const client of clients) await client.goHome();
		return median(used);
	};
	const atPrompt = { with: await open(cluster), without: await open(bare) };
	const row = (what: string, { with: all, without }: typeof inPool): Row => ({
		what: `memory of an idle cluster of ${inWords(nodesOf(kit))}, ${what}`,
		value: all - without,
		unit: 'MiB',
		samples: 2,
		reference: { what: 'the sandbox without it, by its control group', value: without },
		target: { of: 'figure', at: 'most', limit: 20 },
	});
	return [row('in the pool', inPool), row('page open', atPrompt)];
}

/** A shell that waits without a process: `pause` is some hundredths of a second. */
const prepare =
	'exec 9<> <(:); pause() { read -rt 0.01 -u 9; }; us() { now=${EPOCHREALTIME/[.,]/}; }; bind "set enable-bracketed-paste off" 2>/dev/null';
/** The time from the first to the last of the commands, as "took 12 us". */
const timed = (submit: string, done: string) =>
	`us; from=$now; ${submit}; until ${done}; do pause; done; us; echo "took $((now - from)) us"`;

async function took(client: BenchmarkClient, command: string, ms?: number): Promise<number> {
	const said = await ask(client, command, ms);
	const [, us] = /took (\d+) us/.exec(said) ?? [];
	if (us === undefined) throw new Error(`no time in "${said.slice(-200)}"`);
	return Number(us) / 1000;
}

const empty = 'until [ -z "$(squeue -h)" ]; do pause; done';

/** From `sbatch` to the first line of the job's output. */
async function firstLines(kit: Kit, server: MeasuredServer): Promise<Row[]> {
	const client = await server.withTerminal();
	await client.run(prepare);
	const jobs: number[] = [];
	const direct: number[] = [];
	for (let round = 0; round < kit.scale.cluster.jobs; round++) {
		kit.signal.throwIfAborted();
		kit.detail(`job ${round + 1} of ${kit.scale.cluster.jobs}`);
		direct.push(await took(client, timed(`sh -c 'echo first' > direct-${round}`, `[ -s direct-${round} ]`)));
		jobs.push(await took(client, timed(`sbatch -Q -o first-${round} --wrap 'echo first'`, `[ -s first-${round} ]`)));
		await client.run(empty);
	}
	await client.goHome();
	return [50, 95].map((p) => ({
		what: `sbatch to the first line of output, p${p}`,
		value: percentile(jobs, p),
		unit: 'ms',
		samples: jobs.length,
		reference: { what: `the same script without Slurm, p${p}`, value: percentile(direct, p) },
		...(p === 95 && { target: { of: 'figure', at: 'most', limit: 1000 } as const }),
	}));
}

/** Everybody submits an array in the same moment. */
async function everybody(kit: Kit, server: MeasuredServer): Promise<Row[]> {
	const { learners, seconds } = kit.scale.cluster;
	const count = Math.max(1, Math.min(learners, Math.floor((availableMemory() - reserve) / guess)));
	const free = availableMemory();
	const clients: BenchmarkClient[] = [];
	for (let index = 0; index < count; index++) {
		kit.signal.throwIfAborted();
		kit.detail(`cluster ${index + 1} of ${count}`);
		const client = await server.withTerminal();
		await client.run(prepare);
		clients.push(client);
	}
	const one = clients[0] as BenchmarkClient;
	// One task is so many turns of a loop, by what this shell can alone.
	const turnsOf = (loops: number) => `for ((i = 0; i < ${loops}; i++)); do :; done`;
	const trial = 300_000;
	const alone = await took(one, timed(turnsOf(trial), 'true'));
	const loops = Math.round((trial * seconds * 1000) / alone);
	const task = (mark: string) => `bash -c '${turnsOf(loops)}; : > ${mark}'`;
	const at = async (command: string) => {
		const begun = now();
		await Promise.all(clients.map((client) => client.run(command, classMs)));
		return now() - begun;
	};
	kit.detail(`${count} learners: the work alone`);
	const marks = Array.from({ length: tasks }, (_, index) => index + 1);
	const pure = await at(`${marks.map((mark) => `${task(`own-${mark}`)} &`).join(' ')} wait`);
	kit.detail(`${count} learners submit`);
	const arrays = await at(
		`shopt -s nullglob; sbatch -Q --array=1-${tasks} -o /dev/null --wrap "${task('ok-$SLURM_ARRAY_TASK_ID').replaceAll('$SLURM', '\\$SLURM')}"; until ok=(ok-*); ((\${#ok[@]} == ${tasks})); do pause; pause; pause; done`,
	);
	const taken = free - availableMemory();
	let dead = 0;
	for (const client of clients) if (!/ is UP/.test(await ask(client, 'scontrol ping'))) dead++;
	const note = `${count * tasks} tasks of ${seconds} s of a processor, ${availableParallelism()} processors; the machine's free memory went down by ${Math.round(taken / mib)} MiB${count < learners ? `; room for ${count} of ${learners} learners only` : ''}`;
	return [
		{
			what: `${count} learners submit an array of ${tasks} at once: until all is done`,
			value: arrays / 1000,
			unit: 's',
			samples: count,
			reference: { what: 'the same work from the same shells at once, without Slurm', value: pure / 1000 },
			target: { of: 'ratio', at: 'most', limit: 1.5 },
			note,
		},
		{
			what: `${count} learners submit an array of ${tasks} at once: controllers that do not answer afterwards`,
			value: dead,
			unit: 'controllers',
			reference: { what: 'clusters', value: count },
			target: { of: 'figure', at: 'most', limit: 0 },
		},
	];
}

/** From a job's last command to the verdict of the check that its end sets off. */
async function verdicts(kit: Kit, server: MeasuredServer): Promise<Row[]> {
	const client = await server.withTerminal();
	let told: { report: StepReport; at: number } | undefined;
	client.onStep = (report) => {
		told = { report, at: Date.now() };
	};
	/** By the job's own clock, which is the machine's, ms; 0: none has been seen. */
	const ended = () => Number(/done is missing (\S+)/.exec(told?.report.message ?? '')?.[1] ?? 0) * 1000;
	const added: number[] = [];
	const own: number[] = [];
	for (let round = 0; round < kit.scale.cluster.verdicts; round++) {
		kit.signal.throwIfAborted();
		kit.detail(`end of a job, ${round + 1} of ${kit.scale.cluster.verdicts}`);
		const submitted = Date.now();
		await client.run(`sbatch -Q -o /dev/null --wrap 'sleep ${jobSeconds}; date +%s.%N > ended'`);
		const before = server.judged.length;
		await client.until(() => ended() > submitted, 'the verdict after the job');
		const verdict = told as { report: StepReport; at: number } | undefined;
		const whole = (verdict?.at ?? Number.NaN) - ended();
		await judgedAfter(server, before);
		own.push(server.judged.at(-1) ?? Number.NaN);
		added.push(Math.max(0, whole - (own.at(-1) ?? 0)));
		// The script that waits for jobs is begun anew after a second.
		await sleep(1500);
	}
	await client.goHome();
	return [50, 95].map((p) => ({
		what: `from a job's end to its verdict, besides the check's own time, p${p}`,
		value: percentile(added, p),
		unit: 'ms',
		samples: added.length,
		reference: { what: `the check’s own time, p${p}`, value: percentile(own, p) },
		...(p === 95 && { target: { of: 'figure', at: 'most', limit: 1000 } as const }),
	}));
}

async function run(kit: Kit): Promise<Row[]> {
	const pair = { cluster: await kit.clusters(true), bare: await kit.clusters(false) };
	return [
		...(await starts(kit, pair)),
		...(await memory(kit, pair)),
		...(await firstLines(kit, pair.cluster)),
		...(await verdicts(kit, pair.cluster)),
		...(await everybody(kit, pair.cluster)),
	];
}

export const cluster: Measure = { name: 'cluster', title: 'A Slurm cluster for each learner', run };
