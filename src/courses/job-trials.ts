/** Conditions about jobs of the learner's cluster: each question asks for all that those before it have asked for, of one and the same job. */
import type { ConditionOf } from '../shared/course/conditions.ts';
import { quoted } from './shell-quote.ts';
import { plain, type Said, type Trial, trial } from './trial.ts';

/** States of a job that has not ended. */
const goingOn = ['PENDING', 'RUNNING'];

export function jobTrials(condition: ConditionOf<'job'>): Trial[] {
	const { job, state, exit, nodes, lasted, tasks, script = [], output = [], dependency, after } = condition;
	const name = quoted(job);
	const word = plain(job);
	const [fr, en] = word ? [`Le travail « ${word} »`, `The job "${word}"`] : ['Le travail attendu', 'The job that is expected'];
	const trials: Trial[] = [];
	let filters = '';
	/** Of the newest job that has all that was asked for before. */
	const says = (what: string): Said => ({ shell: `job_says ${name}${filters} ${what}` });
	/** @param more what is asked for besides */
	const ask = (more: string, french: Trial['fr'], english: Trial['en']) => {
		filters += more;
		trials.push(trial(`job ${name}${filters}`, french, english));
	};
	ask('', [`${fr} n’a pas encore été soumis : donnez-le à sbatch.`], [`${en} has not been submitted yet: give it to sbatch.`]);
	for (const regex of script) {
		const line = plain(regex);
		ask(
			` script ${quoted(regex)}`,
			[`${fr} a été soumis sans ${line ? `« ${line} »` : 'ce qui est attendu'} dans son script.`],
			[`${en} was submitted without ${line ? `"${line}"` : 'what is expected'} in its script.`],
		);
	}
	if (dependency !== undefined) {
		const what = plain(dependency);
		ask(
			` dependency ${quoted(dependency)}`,
			[`${fr} (n° `, says('id'), `) n’a pas ${what ? `« ${what} »` : 'ce qui est attendu'} pour dépendance.`],
			[`${en} (no. `, says('id'), `) does not have ${what ? `"${what}"` : 'what is expected'} as its dependency.`],
		);
	}
	if (state !== undefined && !goingOn.includes(state)) {
		ask(
			' over yes',
			[`${fr} (n° `, says('id'), ') n’est pas encore fini (état ', says('state'), ') : attendez, et regardez avec `squeue`.'],
			[`${en} (no. `, says('id'), ') has not ended yet (state ', says('state'), '): wait, and look with `squeue`.'],
		);
	}
	if (state !== undefined) {
		ask(
			` state ${state}`,
			[`${fr} (n° `, says('id'), ') est dans l’état ', says('state'), `, et non ${state}.`],
			[`${en} (no. `, says('id'), ') is in the state ', says('state'), `, not ${state}.`],
		);
	}
	if (exit !== undefined) {
		ask(
			` exit ${exit}`,
			[`${fr} (n° `, says('id'), ') a fini avec le code ', says('exit'), `, et non ${exit}.`],
			[`${en} (no. `, says('id'), ') ended with the code ', says('exit'), `, not ${exit}.`],
		);
	}
	if (nodes !== undefined) {
		ask(
			` nodes ${nodes}`,
			[`${fr} (n° `, says('id'), ') a ', says('nodes'), ` nœud(s), et non ${nodes}.`],
			[`${en} (no. `, says('id'), ') has ', says('nodes'), ` node(s), not ${nodes}.`],
		);
	}
	if (lasted !== undefined) {
		ask(
			` lasted ${lasted}`,
			[`${fr} (n° `, says('id'), ') a duré ', says('lasted'), ` s, et non ${lasted}.`],
			[`${en} (no. `, says('id'), ') lasted ', says('lasted'), ` s, not ${lasted}.`],
		);
	}
	if (output.length > 0) {
		ask(
			' kept yes',
			['Un autre travail a écrit depuis dans le fichier de sortie du travail n° ', says('id'), ' : soumettez-le de nouveau.'],
			['Another job has written the output file of job no. ', says('id'), ' since: submit it once more.'],
		);
	}
	for (const regex of output) {
		const line = plain(regex);
		ask(
			` output ${quoted(regex)}`,
			[
				`La sortie du travail n° `,
				says('id'),
				' ne contient pas ',
				line ? `« ${line} »` : 'ce qui est attendu',
				' ; elle commence par « ',
				says('excerpt'),
				' ».',
			],
			[
				'The output of job no. ',
				says('id'),
				' does not contain ',
				line ? `"${line}"` : 'what is expected',
				'; it begins with "',
				says('excerpt'),
				'".',
			],
		);
	}
	if (after !== undefined) {
		const first = plain(after);
		ask(
			` after ${quoted(after)}`,
			[`${fr} (n° `, says('id'), `) n’a pas attendu ${first ? `« ${first} »` : 'celui qui doit le précéder'}.`],
			[`${en} (no. `, says('id'), `) did not wait for ${first ? `"${first}"` : 'the one that has to go before it'}.`],
		);
	}
	if (tasks !== undefined) {
		ask(
			` tasks ${tasks}`,
			[`Toutes les tâches n’y sont pas encore : il en faut ${tasks}, d’un même tableau.`],
			[`Not all tasks are there yet: ${tasks} of one array are needed.`],
		);
	}
	return trials;
}
