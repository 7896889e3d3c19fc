/** Names of container images as files. */

/** "tools/cow:1.0" → "cow:1.0" */
export const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** What an image is called as a file. @param name with its tag: "tools/cow:1.0" → "cow-1.0.tar" */
export const imageFile = (name: string): string => `${lastPart(name).replace(':', '-')}.tar`;
