/** `etabli doctor`: every condition with its state and remedy. Works before npm's packages are there. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { visible } from '../../src/shared/visible.ts';
import { options } from '../options.ts';
import { clusterOf } from '../runtimes/kubernetes/choice.ts';
import { gatherFacts } from '../setup/doctor/facts.ts';
import { type Finding, findings } from '../setup/doctor/findings.ts';
import { dataPaths, root } from '../setup/paths.ts';
import { markedProcess } from '../setup/processes.ts';
import type { Arguments } from './arguments.ts';
import { type EarlyValues, earlyValues } from './early.ts';
import { serverMark } from './server-mark.ts';

const marks = { ok: '✓', warning: '!', failed: '✗' } as const;
const colours = { ok: 32, warning: 33, failed: 31 } as const;

/** @returns 1 when something failed, 0 otherwise */
export async function doctor(args: Arguments): Promise<number> {
	const { values, more } = await valuesOf(args);
	const data = resolve(values.data);
	const facts = await gatherFacts({
		host: values.host,
		port: values.port,
		data,
		engineUrl: values.engine,
		uids: values.uids,
		ours: markedProcess(serverMark(dataPaths(data).run)) !== undefined,
	});
	const found = [...findings(facts), ...(await more())];
	process.stdout.write(table(found, process.stdout.isTTY === true && !process.env['NO_COLOR']));
	const count = (state: Finding['state']): number => found.filter((finding) => finding.state === state).length;
	process.stdout.write(`\n${count('ok')} ok, ${count('warning')} warning${count('warning') === 1 ? '' : 's'}, ${count('failed')} failed\n`);
	return count('failed') > 0 ? 1 : 0;
}

/** With the configuration file, and what it takes npm's packages to look at, where these are there already. */
async function valuesOf(args: Arguments): Promise<{ values: EarlyValues; more: () => Promise<Finding[]> }> {
	if (existsSync(resolve(root, 'node_modules/yaml')) && existsSync(resolve(root, 'node_modules/zod'))) {
		const config = (await import('./settings.ts')).configuration(args);
		const { host, port, data, engine, uids } = config;
		const more = async () => [
			...(await (await import('../setup/course-runtimes.ts')).runtimeFindings(config)),
			(await import('./doctor-cluster-profile.ts')).clusterProfileFinding(config),
			...(clusterOf(config.engine) ? await (await import('../setup/cluster-findings.ts')).clusterFindings(config) : []),
			...(config.sso === undefined ? [] : await (await import('./doctor-sso.ts')).ssoFindings(config)),
		];
		return { values: { host, port, data, engine, uids }, more };
	}
	return { values: earlyValues(args, options), more: async () => [] };
}

/** Lines for a terminal: state, subject and finding in columns, the remedy below. @param colour with escape sequences */
export function table(found: readonly Finding[], colour: boolean): string {
	const width = Math.max(...found.map(({ subject }) => subject.length));
	return found
		.map(({ subject, state, text, remedy }) => {
			const mark = `${marks[state]} ${state.padEnd(8)}`;
			const head = `${colour ? `\u001b[${colours[state]}m${mark}\u001b[0m` : mark} ${subject.padEnd(width)}  ${visible(text)}\n`;
			return remedy === undefined ? head : `${head}${' '.repeat(width + 13)}→ ${visible(remedy)}\n`;
		})
		.join('');
}
