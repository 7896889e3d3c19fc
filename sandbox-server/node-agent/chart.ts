/**
 * The node agent's part of the Helm chart, made from `manifests.ts` so that there is one description of it. After a change there:
 *
 *   node sandbox-server/node-agent/chart.ts
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { nodeAgentManifests } from './manifests.ts';

export const chartFile = join(import.meta.dirname, '../deploy/etabli/templates/node-agent.yaml');

/** What stands in the manifests where a value of the chart comes. */
const values = {
	image: '{{ .Values.nodeAgent.image }}',
	imagePullPolicy: '{{ .Values.nodeAgent.imagePullPolicy }}',
	namespace: '{{ .Release.Namespace }}',
	sandboxes: '{{ .Values.sandboxes.namespace }}',
	secret: '{{ include "etabli.nodeAgentSecret" . }}',
	kubelet: '{{ .Values.nodeAgent.kubelet }}',
};

/** @returns the template's text @throws Error when the manifests have no place any more for one of the values */
export function chartTemplate(): string {
	const objects = nodeAgentManifests({
		...values,
		imagePullPolicy: 'Always',
		sandboxes: [values.sandboxes],
		nodeSelector: { of: 'values' },
	})
		// That of the release is made by who installs it.
		.filter((object) => 'kind' in object && object.kind !== 'Namespace')
		.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }));
	let text = objects.join('---\n');
	const places: [RegExp, string][] = [
		[/^( *)imagePullPolicy: Always$/m, `$1imagePullPolicy: ${values.imagePullPolicy}`],
		[/^( *)hostNetwork: false$/m, '$1hostNetwork: {{ .Values.nodeAgent.hostNetwork }}'],
		[/^( *)of: values$/m, '$1{{- with .Values.nodeAgent.nodeSelector }}\n$1{{- toYaml . | nindent 8 }}\n$1{{- end }}'],
		[
			/^( *)(priorityClassName: .*)$/m,
			'$1$2\n$1{{- with .Values.nodeAgent.pullSecrets }}\n$1imagePullSecrets:\n$1  {{- range . }}\n$1  - name: {{ . }}\n$1  {{- end }}\n$1{{- end }}',
		],
	];
	for (const [place, replacement] of places) {
		if (!place.test(text)) throw new Error(`the manifests have nothing like ${place}`);
		text = text.replace(place, replacement);
	}
	return `{{- /* Made by sandbox-server/node-agent/chart.ts: change manifests.ts there, and run it. */}}\n${text}`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(chartFile, chartTemplate());
