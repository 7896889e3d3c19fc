/**
 * What a learner takes home: one .tar.gz with what they did, as text, and their files. The files' part is an archive that the learner's own
 * sandbox has made; it is passed on unread. Ours comes before it: gzip members, and tar entries, may follow each other.
 */

import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { Course } from '../../src/shared/course/course.ts';
import { terminalNames } from '../../src/shared/course/terminal-names.ts';
import type { Language } from '../../src/shared/language.ts';
import type { StepReport } from '../../src/shared/protocol/api.ts';
import { versionText } from '../../src/shared/protocol/version.ts';
import { visible, visibleLine } from '../../src/shared/visible.ts';
import type { CommandRow } from '../store/store.ts';
import { castOf } from '../transcripts/cast.ts';
import type { TakenRecording, TranscriptText } from '../transcripts/transcripts.ts';

const compress = promisify(gzip);

export type PastCommand = Omit<CommandRow, 'offset' | 'sandbox'>;

export interface Deeds {
	course: Course;
	language: Language;
	commands: readonly PastCommand[];
	/** Those that are not 'todo'. */
	steps: readonly StepReport[];
	/** When the files were kept, ms; undefined: there are none. */
	files: number | undefined;
	/** Paths that are not among the files because they were too large. */
	leftOut: readonly string[];
	/** What the terminals showed, oldest first. */
	transcripts: readonly TranscriptText[];
	/** The same with their times, oldest first. */
	recordings: readonly TakenRecording[];
	now: number;
}

const words = {
	fr: {
		name: 'LISEZMOI.txt',
		history: 'historique',
		screens: 'terminaux',
		transcripts: 'Ce que les terminaux ont montré, en texte simple, est dans le dossier « terminaux ».',
		recordings: 'Les fichiers .cast du même dossier se rejouent au rythme d’alors : asciinema play FICHIER.cast (https://asciinema.org).',
		terminal: 'terminal',
		noTimes: 'Les temps de ce passage ne sont pas connus',
		cut: 'Le début, trop long, n’a pas été gardé',
		files: 'Vos fichiers sont dans le dossier « home ».',
		noFiles: 'Aucun fichier n’était gardé.',
		leftOut: 'Trop grands pour être gardés :',
		commands: 'Les commandes de chaque leçon, avec leur code de sortie, sont dans le dossier « historique ».',
		passed: 'étapes réussies',
		version: 'Version du cours :',
	},
	en: {
		name: 'README.txt',
		history: 'history',
		screens: 'terminals',
		transcripts: 'What the terminals showed, as plain text, is in the folder "terminals".',
		recordings: 'The .cast files in the same folder play it again at the pace it had: asciinema play FILE.cast (https://asciinema.org).',
		terminal: 'terminal',
		noTimes: 'The times of this part are not known',
		cut: 'The beginning was too long and is not kept',
		files: 'Your files are in the folder "home".',
		noFiles: 'No files had been kept.',
		leftOut: 'Too large to be kept:',
		commands: 'The commands of each lesson, with their exit status, are in the folder "history".',
		passed: 'steps passed',
		version: 'Version of the course:',
	},
};

/** Two blocks of zeros end a tar archive. */
const endOfTar = 1024;

/** The first part of the archive, compressed. `more`: files follow, so that the archive does not end here. */
export async function deedsArchive(deeds: Deeds, more: boolean): Promise<Buffer> {
	const { course, language, now } = deeds;
	const t = words[language];
	const tar = pack();
	const bytes = buffer(tar);
	const add = (name: string, text: string) => tar.entry({ name: `${course.slug}/${name}`, mtime: new Date(now), mode: 0o644 }, text);
	add(t.name, overview(deeds));
	for (const lesson of course.lessons) {
		const own = deeds.commands.filter(({ terminal }) => terminal.startsWith(`${lesson.slug}/`));
		if (own.length > 0) add(`${t.history}/${lesson.folder}.txt`, history(own));
		for (const number of terminalNames) {
			const shown = deeds.transcripts.filter((one) => one.lesson === lesson.slug && one.number === number);
			if (shown.length > 0) add(`${t.screens}/${lesson.folder}-${number}.txt`, transcript(shown));
			const title = `${lesson.head[language].title} – ${t.terminal} ${number}`;
			const played = deeds.recordings.filter((one) => one.lesson === lesson.slug && one.number === number);
			for (const [at, { recording }] of played.entries()) {
				// Other work comes in between.
				await setImmediate();
				const name = `${t.screens}/${lesson.folder}-${number}${at === 0 ? '' : `.${at + 1}`}.cast`;
				add(name, castOf(recording, { title, noTimes: t.noTimes, cut: t.cut }));
			}
		}
	}
	tar.finalize();
	const whole = await bytes;
	return await compress(more ? whole.subarray(0, whole.length - endOfTar) : whole);
}

function overview({ course, language, steps, files, leftOut, transcripts, recordings, now }: Deeds): string {
	const t = words[language];
	const version = versionText(course.version, language);
	const lessons = course.lessons.map((lesson) => {
		const passed = steps.filter((step) => step.lesson === lesson.slug && step.state === 'passed').length;
		return `${lesson.head[language].title}: ${passed}/${lesson.steps.length} ${t.passed}`;
	});
	return [
		`${course.settings.title[language]} – ${time(files ?? now)}`,
		...(version === undefined ? [] : [`${t.version} ${version}`]),
		'',
		...lessons,
		'',
		t.commands,
		...(transcripts.length > 0 ? [t.transcripts] : []),
		...(recordings.length > 0 ? [t.recordings] : []),
		files === undefined ? t.noFiles : t.files,
		...(leftOut.length > 0 ? [t.leftOut, ...leftOut.map((path) => `  ${visible(path)}`)] : []),
		'',
	].join('\n');
}

/** A line with the time before what each sandbox's terminal showed. It has been drawn: no control character is left but the ends of lines. */
function transcript(shown: readonly TranscriptText[]): string {
	return shown.map(({ kept, text }) => `══ ${time(kept)} ══\n${text}`).join('\n');
}

/** One line about each command, then the command itself, indented. */
export function history(commands: readonly PastCommand[]): string {
	return commands
		.map(({ at, terminal, exit, ms, folder, command }) => {
			const head = [
				time(at),
				`terminal ${terminal.split('/')[1]}`,
				`exit ${exit ?? '?'}`,
				`${(ms / 1000).toFixed(1)} s`,
				visibleLine(folder),
			];
			return `# ${head.join('  ')}\n${command
				.split('\n')
				.map((line) => `    ${visible(line)}\n`)
				.join('')}`;
		})
		.join('\n');
}

/** "2026-01-31 09:05:00 UTC" */
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
