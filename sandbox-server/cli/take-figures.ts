/** The part of `bench` that needs npm's packages: measures → tables, JSON, exit status. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { clusterOf } from '../runtimes/kubernetes/choice.ts';
import { readKubernetesSettings } from '../runtimes/kubernetes/settings.ts';
import { hindranceOf, ociFacts } from '../runtimes/oci/choice.ts';
import { ensureEngine } from '../setup/engine.ts';
import { explainFileError, Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { prepareMachinery, readCourses } from '../setup/prepare.ts';
import type { Progress } from '../setup/progress.ts';
import { ensureSite } from '../setup/site.ts';
import { fullScale, quickScale } from '../tools/benchmarks/kit.ts';
import { cluster as ofClusters } from '../tools/benchmarks/measures/cluster.ts';
import { engines as ofEngines } from '../tools/benchmarks/measures/engines.ts';
import { kubernetes as ofKubernetes } from '../tools/benchmarks/measures/kubernetes.ts';
import { type BenchmarkReport, json, machineLines, summary, tables } from '../tools/benchmarks/report.ts';
import { outcomeOf } from '../tools/benchmarks/rows.ts';
import { describeMachine, measures, runMeasures } from '../tools/benchmarks/run.ts';
import { type Arguments, unknown } from './arguments.ts';
import { asker } from './asker.ts';
import { configuration, openData } from './settings.ts';

export interface FiguresCommand {
	args: Arguments;
	progress: Progress;
	signal: AbortSignal;
}

/** @returns exit status @throws Failure; the signal's reason */
export async function takeFigures({ args, progress, signal }: FiguresCommand): Promise<number> {
	const config = configuration(args);
	const paths = openData(config.data, 'bench', progress);
	const names = measures.map(({ name }) => name);
	const wrong = args.words.find((word) => !names.includes(word));
	if (wrong !== undefined) throw unknown('measure', wrong, names, `./etabli bench --help (${names.join(', ')})`);
	const courses = readCourses(config.courses);
	const [course] = courses;
	if (!course) throw new Failure(`There is no course in ${config.courses.join(', ')} whose machine could be measured.`);
	const clustered = courses.find(({ settings }) => settings.cluster);
	if (!clustered && args.words.includes(ofClusters.name))
		throw new Failure(`No course in ${config.courses.join(', ')} has a cluster that could be measured.`);
	if (config.kubernetes === undefined && args.words.includes(ofKubernetes.name))
		throw new Failure('No cluster of Kubernetes is named that could be measured.', {
			hint: 'Name its file: --kubernetes FILE; the cluster is the one of your kubeconfig. docs/operator/kubernetes.md',
		});
	const hindrance = hindranceOf(ociFacts(true));
	if (hindrance && args.words.includes(ofEngines.name)) throw new Failure(hindrance.text, { hint: hindrance.remedy });
	const impossible = [!clustered && ofClusters, config.kubernetes === undefined && ofKubernetes, hindrance && ofEngines];
	const possible = measures.filter((measure) => !impossible.includes(measure));
	const chosen = args.words.length === 0 ? possible : possible.filter(({ name }) => args.words.includes(name));
	const made = chosen.includes(ofClusters) && clustered && clustered !== course ? [course, clustered] : [course];
	const before = loadavg()[0] ?? 0;
	if (clusterOf(config.engine))
		throw new Failure('Figures are taken of an engine of this machine, and --engine names a cluster.', {
			hint: 'Leave out --engine, or name Docker’s or Podman’s socket. A cluster is measured beside it: ./etabli bench kubernetes --kubernetes FILE',
		});
	const request = { config, paths, asker: asker(config.yes), progress, signal };
	const { engine, why } = await ensureEngine({ ...request, url: config.engine, kubernetes: undefined });
	if (!engine) throw new Failure('Figures are taken of real sandboxes, and there is no container engine.', { hint: why ?? '' });
	const machinery = await prepareMachinery(engine, made, request);
	const image = machinery.images.courses[course.slug] ?? '';
	const quick = args.values['quick'] === true;
	let detail = (line: string): void => progress.detail(line);
	const results = await runMeasures({
		engine: machinery.engine,
		image,
		guest: machinery.guest,
		limits: course.settings.limits,
		clustered: clustered?.settings.cluster && {
			image: machinery.images.courses[clustered.slug] ?? '',
			limits: clustered.settings.limits,
			cluster: clustered.settings.cluster,
		},
		kubernetes:
			config.kubernetes === undefined ? undefined : { file: config.kubernetes, image: inCluster(config.kubernetes, course.slug) ?? image },
		site: async () =>
			(
				await ensureSite({
					...request,
					courses: [course],
					folders: config.courses,
					accessibility: config.accessibility,
					clusterProfile: config.clusterProfile,
				})
			).site,
		scale: quick ? quickScale : fullScale,
		signal,
		detail: (line) => detail(line),
		chosen,
		around: ({ title, name }, work) =>
			progress.step(`${title} (${name})`, async (step) => {
				detail = (line) => step.detail(line);
				const result = await work();
				const outcomes = result.rows.map(outcomeOf);
				const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
				const parts = [count('missed') && `${count('missed')} missed`, count('failed') && `${count('failed')} failed`].filter(Boolean);
				step.remark = [`${result.rows.length} figures`, ...parts].join(', ');
				return result;
			}),
	});
	const report: BenchmarkReport = {
		command: ['./etabli bench', ...args.words, ...(quick ? ['--quick'] : [])].join(' '),
		version: (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version,
		date: new Date().toISOString(),
		quick,
		machine: await describeMachine(machinery.engine, before),
		results,
	};
	if (args.values['json'] !== undefined) write(String(args.values['json']), json(report));
	const markdown = args.values['markdown'] === true;
	process.stdout.write(`\n${[...machineLines(report), '', ...tables(report, markdown), summary(report)].join('\n')}\n`);
	if (quick) process.stdout.write('--quick shows that everything can be measured; its figures are of too few samples to be quoted.\n');
	const outcomes = results.flatMap(({ rows }) => rows.map(outcomeOf));
	// With so few samples a missed target says nothing; a figure that cannot be taken does.
	return outcomes.includes('failed') || (!quick && outcomes.includes('missed')) ? 1 : 0;
}

/** The image of a course as the file of --kubernetes has it, where it names any. @throws Failure */
function inCluster(file: string, course: string): string | undefined {
	try {
		return readKubernetesSettings(file).images?.[course];
	} catch (error) {
		throw new Failure(`The file of --kubernetes cannot be used: ${(error as Error).message}`, {
			hint: 'docs/operator/kubernetes.md describes it.',
		});
	}
}

function write(file: string, text: string): void {
	const path = resolve(file);
	try {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(path, text);
	} catch (error) {
		throw explainFileError(error, `write the report ${path}`);
	}
}
