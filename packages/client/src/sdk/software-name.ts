/** What the device calls itself towards the coordinator. */
export const softwareName = 'tributary-client/0.1.0';
