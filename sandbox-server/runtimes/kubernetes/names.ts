/** Names by which pods, server and node agents know each other. */

/** Driver of the volumes that a node's agent makes. */
export const volumeDriver = 'node-agent.etabli';
/** What a node's agent offers of /dev/fuse; one for each sandbox. */
export const fuseResource = 'etabli/fuse';
/** The name in the certificate of every node agent: they are reached by addresses that come and go. */
export const nodeAgentName = 'etabli-node-agent';
/** The name in the certificate of a server. */
export const serverName = 'etabli-server';
/** Where a node agent listens. */
export const nodeAgentPort = 7443;
