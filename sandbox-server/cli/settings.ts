/** Arguments → configuration and what else a command needs to begin with. Needs npm's packages: import it after they are there. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readClusterProfile } from '../../src/courses/cluster-profile-file.ts';
import { type ClusterProfile, clusterNames } from '../../src/shared/course/cluster-profile.ts';
import { readSsoSettings, type SsoSettings } from '../auth/sso/settings.ts';
import { ConfigError, readConfig, type ServerConfig } from '../config.ts';
import { options } from '../options.ts';
import { explainFileError, Failure } from '../setup/failure.ts';
import { type DataPaths, dataPaths, root } from '../setup/paths.ts';
import { checkDataFolder } from '../setup/preflight.ts';
import type { Progress } from '../setup/progress.ts';
import { type Arguments, usageStatus } from './arguments.ts';

/** @throws Failure with every mistake */
export function configuration(args: Arguments): ServerConfig {
	const typed = options.flatMap(({ name, flag }) => {
		const value = args.values[flag.slice(2)];
		return value === undefined ? [] : [[name, value]];
	});
	const file = args.values['config'];
	try {
		return readConfig({
			flags: { ...Object.fromEntries(typed), ...(file === undefined ? {} : { config: file }) },
			env: process.env,
			cwd: process.cwd(),
			root,
		});
	} catch (error) {
		if (error instanceof ConfigError)
			throw new Failure(error.message, { hint: 'docs/operator/running.md describes every option.', status: usageStatus, cause: error });
		throw error;
	}
}

/** Single sign-on, where it is set up. @throws Failure with every mistake in its file */
export function ssoSettings({ sso, accessCode }: Pick<ServerConfig, 'sso' | 'accessCode'>): SsoSettings | undefined {
	if (sso === undefined) return undefined;
	const hint = 'docs/operator/sign-in.md describes the file.';
	try {
		const settings = readSsoSettings(sso, process.env);
		if (settings.learners === 'must' && accessCode !== undefined)
			throw new Error(`${sso}: learners either must sign in (learners: must) or give an access code, not both.`);
		return settings;
	} catch (error) {
		throw new Failure(`The file of --sso cannot be used: ${(error as Error).message}`, { hint, status: usageStatus, cause: error });
	}
}

/** Names of the operator's cluster, where they are given. @throws Failure with every mistake in the file */
export function clusterProfile({ clusterProfile: file }: Pick<ServerConfig, 'clusterProfile'>): ClusterProfile | undefined {
	if (file === undefined) return undefined;
	try {
		return readClusterProfile(file);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== undefined) throw explainFileError(error, `read the cluster profile (${file})`);
		const hint = 'docs/operator/cluster-profile.md has an example.';
		throw new Failure(`The file of --cluster-profile cannot be used:\n${(error as Error).message}`, {
			hint,
			status: usageStatus,
			cause: error,
		});
	}
}

/** Whether one is used, in a sentence. */
export function clusterProfileText(
	{ clusterProfile: file }: Pick<ServerConfig, 'clusterProfile'>,
	profile: ClusterProfile | undefined,
): string {
	if (!profile) return 'none: lessons show placeholders for the names of your cluster (docs/operator/cluster-profile.md)';
	const missing = clusterNames.filter((name) => profile[name] === undefined);
	return `${profile.name}, from ${file}${missing.length > 0 ? `; not given: ${missing.join(', ')}` : ''}`;
}

/** Checks the data folder and opens the log in it. @throws Failure */
export function openData(data: string, command: string, progress: Progress): DataPaths {
	checkDataFolder(data);
	const paths = dataPaths(data);
	mkdirSync(paths.logs, { recursive: true });
	progress.openLog(join(paths.logs, `${command}.log`));
	return paths;
}
