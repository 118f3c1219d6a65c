/* pages.ts: the addresses that are screens of this client. The service worker answers only these
 * from the device; whatever else the server has is asked for over the line. */
export const PAGES = /^\/(?:rooms|resources|search|me(?:\/(?:account|profile))?|people(?:\/[^/]*)?|peers|queue|talks|(?:[rt]|ask|desk|org)(?:\/[^.]*)?)?$/;

/* Where the service worker keeps the files that another application shared, until the page takes them. */
export const SHARED = "shared";
