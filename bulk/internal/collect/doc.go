// Package collect joins the parts of a job, in the order of the plan, and counts the keys against
// it. It writes JSON Lines, Parquet or SQLite, and the manifest beside the parts.
//
// Parts are named by their shards, and a bucket lists names in order: plan and parts are merged
// like two sorted lists. Memory does not grow with the number of keys.
package collect
