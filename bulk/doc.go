// Package bulk judges the pictures of a bucket: any number of objects, on any number of machines.
//
// The command imgvet-bulk does all of it: it lists a bucket into shards, hands them to workers
// through NATS JetStream, and collects the lines. docs/bulk.md in the repository says how to run
// it. This package is what a worker does with one shard, for those who have an engine already:
// call [Do] in a step of Temporal, a job of River or a stage of Beam. A function on Lambda that S3
// calls for each upload needs no shards: examples/lambda in the repository is one.
//
//	part, err := bulk.Do(ctx, bucket, bulk.Shard{Objects: objects}, validate.Options{})
//
// # What comes out
//
// A part: one [Line] of JSON for each object of the shard, in the shard's order. A line is that of
// "imgvet check --json" with the object's key, ETag and version added; [ParseLine] reads it.
// [Verdicts] reads a whole part.
//
// An object that is not there any more, or that the store refuses to give, gets a line with a
// failure. If no object of a shard can be read, the store is to blame: Do returns an error that is
// [ErrStore], and the step should be tried again. So it should after every other error, which
// is that of the context or of the options.
//
// Do is pure: it writes nothing, and the part depends on the objects alone. Write the part under a
// name that the shard determines, in one PUT, and then acknowledge the shard: what an engine
// delivers twice is then written once.
//
// # What it costs
//
// Do reads an object no further than its verdict needs: nothing of one that is empty or too
// large, 4 KiB of one that is no picture. It holds Shard.InFlight objects in memory, each of
// less than validate.Options.MaxBytes. How many of them are verified at once is another number:
// validate.Options.Limiter, by default the number of processors. Calls that run at once should
// share a Limiter.
package bulk
