/** What `doctor` says of the names of the operator's cluster. */
import type { ServerConfig } from '../config.ts';
import type { Finding } from '../setup/doctor/findings.ts';
import { Failure } from '../setup/failure.ts';
import { clusterProfile, clusterProfileText } from './settings.ts';

const subject = 'Cluster profile';

/** Whether one is used; every mistake in its file. */
export function clusterProfileFinding(config: Pick<ServerConfig, 'clusterProfile'>): Finding {
	try {
		return { subject, state: 'ok', text: clusterProfileText(config, clusterProfile(config)) };
	} catch (error) {
		if (error instanceof Failure) return { subject, state: 'failed', text: error.message, remedy: error.hint ?? '' };
		throw error;
	}
}
