/** What `doctor` says of a cluster that is to run the sandboxes. */
import { tmpdir } from 'node:os';
import { loadCourses } from '../../src/courses/load.ts';
import type { Course } from '../../src/shared/course/course.ts';
import type { ServerConfig } from '../config.ts';
import { findEngine } from '../runtimes/find-engine.ts';
import { openApi } from '../runtimes/kubernetes/engine.ts';
import type { KubeApi } from '../runtimes/kubernetes/kube-api.ts';
import { type ClusterFacts, lookAtCluster } from '../runtimes/kubernetes/look.ts';
import { type KubernetesSettings, readKubernetesSettings } from '../runtimes/kubernetes/settings.ts';
import type { SandboxSpec } from '../runtimes/runtime.ts';
import { networkFinding } from './cluster-network.ts';
import type { Finding } from './doctor/findings.ts';
import { compareVersions } from './version.ts';

/** From this on pods have users of their own, and a /proc in which containers can be nested, without a switch. */
const oldest = '1.33';
const documents = 'docs/operator/kubernetes.md';
const failed = (subject: string, text: string, remedy: string): Finding => ({ subject, state: 'failed', text, remedy });

/** Asks the cluster of --engine. */
export async function clusterFindings({
	engine,
	kubernetes,
	courses: paths,
}: Pick<ServerConfig, 'engine' | 'kubernetes' | 'courses'>): Promise<Finding[]> {
	const subject = 'Cluster';
	if (kubernetes === undefined)
		return [failed(subject, 'no file says what it has for sandboxes', `Name one: --kubernetes FILE (${documents}).`)];
	let settings: KubernetesSettings;
	try {
		settings = readKubernetesSettings(kubernetes);
	} catch (error) {
		return [failed(subject, `the file of --kubernetes cannot be used: ${(error as Error).message}`, `${documents} describes it.`)];
	}
	let api: KubeApi | undefined;
	try {
		api = await openApi(engine ?? '');
		const { courses } = loadCourses(paths);
		const sandboxes = trials(courses, settings);
		const facts = await lookAtCluster(api, settings, sandboxes);
		const found = judge(facts, settings, courses);
		const course = facts.trials.find(({ problem }) => problem === undefined)?.course;
		const find = () => withImage(sandboxes[course ?? ''], course, settings);
		return [...found, await networkFinding({ api, settings, find, before: found })];
	} catch (error) {
		return [failed(subject, (error as Error).message, 'kubectl cluster-info has to answer with the same kubeconfig.')];
	} finally {
		api?.close();
	}
}

/** What a sandbox of each course would be. */
function trials(courses: readonly Course[], { images = {} }: KubernetesSettings): Record<string, SandboxSpec> {
	return Object.fromEntries(
		courses.map(({ slug, settings }) => [
			slug,
			{
				name: `etabli-doctor-${slug}`.slice(0, 60).replace(/-$/, ''),
				image: images[slug] ?? `etabli-course-${slug}:doctor`,
				ociRuntime: settings.runtime,
				limits: settings.limits,
				user: settings.user,
				labels: {},
			},
		]),
	);
}

/** For a pod that is to run: where the file names no images, the newest that an engine of this machine has built. */
async function withImage(spec: SandboxSpec | undefined, course = '', { images }: KubernetesSettings): Promise<SandboxSpec | undefined> {
	if (!spec || images) return spec;
	const { engine } = await findEngine({ env: process.env, stateDir: tmpdir() });
	const image = (await engine?.images.names())?.find((name) => name.startsWith(`etabli-course-${course}:`));
	return image === undefined ? undefined : { ...spec, image };
}

/** What the facts mean. Pure. */
export function judge(facts: ClusterFacts, settings: KubernetesSettings, courses: readonly Pick<Course, 'slug'>[]): Finding[] {
	const { server, info, nodes } = facts;
	if ('problem' in info && facts.forbidden === undefined)
		return [
			failed('Cluster', `${server} does not answer: ${info.problem}`, 'kubectl cluster-info has to answer with the same kubeconfig.'),
		];
	return [
		cluster(facts),
		rights(facts),
		nodeAgents(facts, settings),
		certificates(facts),
		images(settings, courses),
		...pods(facts),
		...room(info, nodes),
	].flat();
}

function cluster({ server, info, nodes }: ClusterFacts): Finding {
	const subject = 'Cluster';
	if ('problem' in info) return failed(subject, `${server}: ${info.problem}`, `Give the server's account its roles (${documents}).`);
	const text = `Kubernetes ${info.version} at ${server}, ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
	if (compareVersions(info.version, oldest) < 0) return failed(subject, `${text}: too old`, `Kubernetes ${oldest} or later is needed.`);
	return nodes.length === 0 ? failed(subject, text, 'No node takes pods: kubectl get nodes') : { subject, state: 'ok', text };
}

function rights({ forbidden }: ClusterFacts): Finding {
	const subject = 'Rights in the cluster';
	if (forbidden === undefined)
		return { subject, state: 'warning', text: 'cannot be asked after', remedy: `${documents} lists what is needed.` };
	if (forbidden.length > 0)
		return failed(subject, `missing: ${forbidden.join(', ')}`, `Give the server's account its roles (${documents}).`);
	return { subject, state: 'ok', text: 'all that a server needs' };
}

function nodeAgents({ agents, nodes }: ClusterFacts, { nodeAgents: { namespace, selector } }: KubernetesSettings): Finding[] {
	const subject = 'Node agents';
	if (agents.length === 0)
		return [
			failed(
				subject,
				`none in the namespace ${namespace} (${selector})`,
				`Without them no sandbox starts: ${documents} says how they are installed.`,
			),
		];
	const bad = agents.filter(({ problem }) => problem !== undefined);
	const missing = nodes.filter((node) => !agents.some((agent) => agent.node === node));
	return [
		...bad.map(({ node, problem }) =>
			failed(subject, `on ${node}: ${problem}`, `kubectl logs --namespace ${namespace} --selector ${selector}`),
		),
		...(missing.length > 0
			? [
					{
						subject,
						state: 'warning' as const,
						text: `none on ${missing.join(', ')}: no sandbox can stand there`,
						remedy: 'Is that meant? nodeSelector of the DaemonSet.',
					},
				]
			: []),
		...(bad.length < agents.length
			? [{ subject, state: 'ok' as const, text: `${agents.length - bad.length} of ${agents.length} can be reached` }]
			: []),
	];
}

function certificates({ files }: ClusterFacts): Finding[] {
	return files.map((text) =>
		failed('Certificates', text, `The file of --kubernetes names them (nodeAgents:); ${documents} says how they are made.`),
	);
}

function images({ images: given }: KubernetesSettings, courses: readonly Pick<Course, 'slug'>[]): Finding {
	const subject = 'Images of courses';
	if (!given)
		return {
			subject,
			state: 'warning',
			text: 'built by an engine of this machine: every node has to have them by the names that they are given here',
			remedy: 'Name images of a registry instead (images: in the file of --kubernetes).',
		};
	const without = courses.filter(({ slug }) => given[slug] === undefined).map(({ slug }) => slug);
	if (without.length > 0) return failed(subject, `none named for ${without.join(', ')}`, 'images: in the file of --kubernetes');
	return { subject, state: 'ok', text: `named for ${courses.length} courses` };
}

function pods({ trials: tried }: ClusterFacts): Finding[] {
	const subject = 'Pods of sandboxes';
	const refused = tried.filter(({ problem }) => problem !== undefined);
	const said = [...new Set(refused.map(({ problem }) => problem ?? ''))];
	if (refused.length === 0)
		return tried.length === 0 ? [] : [{ subject, state: 'ok', text: 'the cluster would take them (tried, without making one)' }];
	return said.map((problem) =>
		failed(
			subject,
			`${refused
				.filter((one) => one.problem === problem)
				.map(({ course }) => course)
				.join(', ')}: ${problem}`,
			documents,
		),
	);
}

function room(info: ClusterFacts['info'], nodes: readonly string[]): Finding[] {
	if ('problem' in info || nodes.length === 0) return [];
	return [
		{ subject: 'Memory of the nodes', state: 'ok', text: `${(info.memory / 2 ** 30).toFixed(1)} GiB for pods, ${info.cpus} processors` },
	];
}
