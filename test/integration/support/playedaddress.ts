/** Where instances of played guests say that they are: an address that is nobody's (RFC 5737). */
export const PLAYED_ADDRESS = '198.51.100.7';
