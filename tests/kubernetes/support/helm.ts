/** Helm, where it is to be had. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { root } from '../../../sandbox-server/setup/paths.ts';
import { type RunResult, run, which } from '../../../sandbox-server/setup/run.ts';
import { kubernetesVersion } from '../../../sandbox-server/tools/testing/kubernetes-cluster.ts';

export const chart = join(root, 'sandbox-server/deploy/etabli');

/** For which cluster it renders: a Helm that asks none takes the version that it was built with. */
export const version = ['--kube-version', kubernetesVersion];

/** An object of Kubernetes as the chart writes it. */
export interface Rendered {
	kind: string;
	metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
	// biome-ignore lint/suspicious/noExplicitAny: of each kind something else
	[part: string]: any;
}

/** Its path, or why there is none, with what to do. */
export function helmForTests(): { helm: string } | { missing: string } {
	// Where Go puts what it installs.
	const own = join(homedir(), 'go/bin/helm');
	const helm = which('helm') ?? (existsSync(own) ? own : undefined);
	return helm ? { helm } : { missing: 'no helm: go install helm.sh/helm/v4/cmd/helm@v4.3.1 (tests/README.md), or a package of it' };
}

/** @param values as a file of values has them */
export async function template(helm: string, values: object): Promise<RunResult> {
	const folder = mkdtempSync(join(tmpdir(), 'etabli-chart-'));
	try {
		const file = join(folder, 'values.yaml');
		// JSON is YAML, too.
		writeFileSync(file, JSON.stringify(values));
		return await run(helm, ['template', 'etabli', chart, '--namespace', 'etabli-system', '--values', file, ...version]);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

export function objectsOf(text: string): Rendered[] {
	return parseAllDocuments(text).flatMap((document) => (document.contents === null ? [] : [document.toJS() as Rendered]));
}
