// Package serve is "imgvet serve": the API's path behind the middleware, and a page to
// try it with. The page's template, style and scripts are in page/; the check that the
// page runs in the browser is package web's.
package serve
