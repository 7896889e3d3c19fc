/** What `prove` found, for a person (table, summary) and for other programs (JUnit XML, JSON). */
import type { StepProof, Way } from './prove.ts';

/** Course → its version, as it is shown. */
export type Versions = Readonly<Record<string, string>>;

/** Characters of what the check said before, in the table. */
const sentenceShown = 60;

/** The proofs that went wrong. */
export const faultsOf = (proofs: readonly StepProof[]): StepProof[] => proofs.filter(({ fault }) => fault !== '');

const ways: Readonly<Record<Way, string>> = { solution: 'solution', blocks: 'run blocks', 'in order': 'in order' };

/** "tp-apptainer/first-container: pull (fr, run blocks)" */
export function nameOf({ course, lesson, step, language, way }: StepProof): string {
	return `${course}/${lesson}: ${step} (${language}, ${ways[way]})`;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** One line per step, aligned. */
export function table(proofs: readonly StepProof[]): string[] {
	const head = ['', 'step', 'language', 'by', 'the check said before', 'time'];
	const rows = proofs.map((proof) => {
		const sentence = proof.before.replaceAll('\n', ' ');
		return [
			proof.fault ? '✗' : '✓',
			`${proof.course}/${proof.lesson}/${proof.step}`,
			proof.language,
			ways[proof.way],
			sentence.length > sentenceShown ? `${sentence.slice(0, sentenceShown - 1)}…` : sentence,
			seconds(proof.ms),
		];
	});
	const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
	const line = (row: readonly string[]) =>
		row
			.map((cell, column) => (column === head.length - 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
			.join('  ');
	return [line(head), ...rows.map(line)];
}

/** Each fault with its step and what was seen. */
export function faultLines(proofs: readonly StepProof[]): string[] {
	return faultsOf(proofs).flatMap((proof) => ['', `✗ ${nameOf(proof)}`, ...proof.fault.split('\n').map((line) => `    ${line}`)]);
}

/** "tp-apptainer 1.2.0 (3f2a9c1d)", for each course of which a version is known. */
export const versionLines = (versions: Versions): string[] => Object.entries(versions).map(([course, version]) => `${course} ${version}`);

/** What to think of faults that were found while the machine was busy; nothing where there is no fault. @param busy busyMachine() */
export function busyLines(proofs: readonly StepProof[], busy: string | undefined): string[] {
	if (!busy || faultsOf(proofs).length === 0) return [];
	return [
		'',
		`${busy} What is at fault above by a time limit may be right: prove it again when less runs beside it, or with --parallel 1.`,
	];
}

/** @param ms from the first play to the last */
export function summary(proofs: readonly StepProof[], ms: number): string {
	const faults = faultsOf(proofs).length;
	const lessons = new Set(proofs.map(({ course, lesson }) => `${course}/${lesson}`)).size;
	const what = `${proofs.length - faults} of ${proofs.length} proofs in ${lessons} ${lessons === 1 ? 'lesson' : 'lessons'}`;
	return faults === 0 && proofs.length > 0 ? `Proved: ${what}, ${seconds(ms)}.` : `Not proved: ${what}, ${seconds(ms)}.`;
}

/** For programs: the proofs as they are, and how it ended. */
export function json(proofs: readonly StepProof[], ms: number, versions: Versions = {}): string {
	return `${JSON.stringify({ proved: proofs.length > 0 && faultsOf(proofs).length === 0, ms: Math.round(ms), versions, proofs }, undefined, '\t')}\n`;
}

/** JUnit's XML as CI systems read it: a suite per lesson, language and way; times in seconds. */
export function junit(proofs: readonly StepProof[], ms: number, versions: Versions = {}): string {
	const suites = new Map<string, StepProof[]>();
	for (const proof of proofs) {
		const name = `${proof.course}/${proof.lesson} ${proof.language} ${proof.way}`;
		suites.set(name, [...(suites.get(name) ?? []), proof]);
	}
	const counts = (list: readonly StepProof[]) => `tests="${list.length}" failures="${faultsOf(list).length}"`;
	const time = (value: number) => (value / 1000).toFixed(3);
	const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="etabli prove" ${counts(proofs)} time="${time(ms)}">`];
	for (const [name, list] of suites) {
		const total = list.reduce((sum, proof) => sum + proof.ms, 0);
		lines.push(`\t<testsuite name="${escape(name)}" ${counts(list)} time="${time(total)}">`);
		const version = versions[list[0]?.course ?? ''];
		if (version) lines.push(`\t\t<properties><property name="version" value="${escape(version)}"/></properties>`);
		for (const proof of list) {
			const start = `\t\t<testcase name="${escape(proof.step)}" classname="${escape(name)}" time="${time(proof.ms)}"`;
			if (!proof.fault) lines.push(`${start}/>`);
			else {
				const [message = ''] = proof.fault.split('\n');
				lines.push(`${start}>`, `\t\t\t<failure message="${escape(message)}">${escape(proof.fault)}</failure>`, '\t\t</testcase>');
			}
		}
		lines.push('\t</testsuite>');
	}
	return `${[...lines, '</testsuites>'].join('\n')}\n`;
}

/** Control characters, which no XML may hold, become spaces. */
function escape(text: string): string {
	const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
	return (
		text
			.replace(/[&<>"]/g, (sign) => entities[sign] ?? '')
			// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
			.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/g, ' ')
	);
}
