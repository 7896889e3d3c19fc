/** Which images a contender takes, each tried; and what an OCI runtime says of itself. */
import { join } from 'node:path';
import type { Cell } from '../../../../src/shared/comparison/comparison.ts';
import { answer } from '../cells.ts';
import { type ImageFormat, Refused } from '../contender.ts';
import { makeImageFiles } from '../image-files.ts';
import { absent, cellsOf, type Trial } from '../trial.ts';
import type { Part } from './row.ts';

const said = 'image-works';
const words = ['/bin/echo', said];

export const images: Part = async (trials, { folder, late, seconds, detail }) => {
	let files: { dockerArchive: string; ociArchive: string } | undefined;
	try {
		files = trials[0] && makeImageFiles(trials[0].kit.trialRoot, join(folder, 'images'));
	} catch {
		// Told in each cell.
	}
	const tryFormat = (format: ImageFormat) =>
		cellsOf(trials, 'failed', async (trial): Promise<Cell> => {
			const image = trial.prepared.images?.[format];
			if (!image) return answer('no', 'commands');
			if (!files) return absent('noImage');
			if (late()) return absent('late', { seconds: String(seconds) });
			detail(`${format}: ${trial.contender.name}`);
			return await tryImage(trial, { commands: image.commands(format === 'sif' ? '' : files[format], words), clear: image.clear ?? [] });
		});
	return {
		// They have all started from one.
		folder: await cellsOf(trials, 'failed', async ({ contender }) =>
			contender.id === 'docker' ? answer('no', 'commands') : answer('yes', 'start'),
		),
		dockerArchive: await tryFormat('dockerArchive'),
		ociArchive: await tryFormat('ociArchive'),
		sif: await tryFormat('sif'),
		features: await cellsOf(trials, 'failed', async ({ prepared, kit, bounds, contender }) => {
			if (!prepared.features) return contender.id === 'runsc' ? answer('no', 'commands') : absent('notItsOwn');
			try {
				return answer('yes', 'features', { said: featuresIn(await kit.call(prepared.features, { seconds: bounds.version })) });
			} catch (error) {
				kit.signal.throwIfAborted();
				if (error instanceof Refused && !error.hung) return answer('no', 'features', { said: error.message });
				throw error;
			}
		}),
	};
};

async function tryImage({ kit, bounds }: Trial, { commands, clear }: { commands: string[][]; clear: string[][] }): Promise<Cell> {
	try {
		let out = '';
		for (const command of commands) out = await kit.call(command, { seconds: bounds.work });
		return out.includes(said) ? answer('yes', 'image') : answer('no', 'image', { said: out.trim().slice(0, 200) });
	} catch (error) {
		kit.signal.throwIfAborted();
		if (error instanceof Refused && !error.hung) return answer('no', 'image', { said: error.message });
		throw error;
	} finally {
		for (const command of clear) await kit.tidy(command);
	}
}

interface Features {
	ociVersionMin?: string;
	ociVersionMax?: string;
	linux?: {
		namespaces?: string[];
		cgroup?: Record<string, boolean | undefined>;
		seccomp?: { enabled?: boolean };
		apparmor?: { enabled?: boolean };
		selinux?: { enabled?: boolean };
		intelRdt?: { enabled?: boolean };
		mountExtensions?: { idmap?: { enabled?: boolean } };
	};
}

/** A line of what an OCI runtime's `features` prints. @throws Error when it is no JSON */
export function featuresIn(text: string): string {
	const { ociVersionMin, ociVersionMax, linux = {} } = JSON.parse(text) as Features;
	const switches: Record<string, { enabled?: boolean } | undefined> = {
		seccomp: linux.seccomp,
		AppArmor: linux.apparmor,
		SELinux: linux.selinux,
		idmap: linux.mountExtensions?.idmap,
	};
	const groups = Object.entries(linux.cgroup ?? {}).flatMap(([name, is]) => (is ? [name] : []));
	return [
		`OCI ${ociVersionMin ?? '?'} – ${ociVersionMax ?? '?'}`,
		...(linux.namespaces ? [`namespaces: ${linux.namespaces.join(' ')}`] : []),
		...(groups.length > 0 ? [`cgroups: ${groups.join(' ')}`] : []),
		...Object.entries(switches).flatMap(([name, is]) => (is?.enabled ? [name] : [])),
	].join('; ');
}
