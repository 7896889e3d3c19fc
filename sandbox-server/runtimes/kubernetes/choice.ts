/** What --engine says of a cluster. For `doctor` too, which runs before npm's packages are there. */

/** What --engine takes for "pods of a cluster". */
export const kubernetesUrl = 'kubernetes';

/** @returns which cluster is meant, as a context of the kubeconfig (undefined: its current one, or the one that this server runs in); undefined: none */
export function clusterOf(url: string | undefined): { context: string | undefined } | undefined {
	if (url === kubernetesUrl) return { context: undefined };
	return url?.startsWith(`${kubernetesUrl}:`) ? { context: url.slice(kubernetesUrl.length + 1) } : undefined;
}
