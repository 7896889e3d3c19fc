/** The few values that are needed before npm's packages are there: flags, variables and defaults; the configuration file waits. */
import { resolve } from 'node:path';
import { configFileOption, type Option, type OptionName } from '../options.ts';
import { Failure } from '../setup/failure.ts';
import { root } from '../setup/paths.ts';
import { type Arguments, typed, usageStatus } from './arguments.ts';

export interface EarlyValues {
	host: string;
	port: number;
	data: string;
	engine: string | undefined;
	uids: string;
}

/** @throws Failure (status 2) when a variable has no value of its type, or the port is none */
export function earlyValues(args: Arguments, options: readonly Option[], env: NodeJS.ProcessEnv = process.env): EarlyValues {
	const value = (name: OptionName): string | number | boolean | readonly string[] | undefined => {
		const option = options.find((each) => each.name === name);
		if (!option) return undefined;
		const text = env[option.env];
		return args.values[option.flag.slice(2)] ?? (text ? typed(option, text, option.env) : option.default);
	};
	const port = Number(value('port'));
	if (port > 65_535)
		throw new Failure(`A port is a whole number from 1 to 65535, or 0 for any free one; not ${port}.`, { status: usageStatus });
	const chosen = args.values['data'] ?? env['ETABLI_DATA'];
	return {
		host: String(value('host')),
		port,
		// A folder that was typed is meant from where one stands, the default from the checkout.
		data: chosen ? resolve(String(chosen)) : resolve(root, String(value('data'))),
		engine: value('engine') as string | undefined,
		uids: String(value('uids')),
	};
}

/** Where the configuration file would be: then early values are not the last word. */
export function configFile(args: Arguments, env: NodeJS.ProcessEnv = process.env): string {
	return resolve(String(args.values['config'] ?? env[configFileOption.env] ?? configFileOption.default));
}
