package bulk_test

import (
	"context"
	"fmt"
	"os"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"github.com/imgvet/imgvet/bulk"
	"github.com/imgvet/imgvet/validate"
)

// photos returns a bucket of a picture, the beginning of one, and a text.
func photos(ctx context.Context) *blob.Bucket {
	b := memblob.OpenBucket(nil)
	png, err := os.ReadFile("../testdata/good/png/pngsuite-basn2c08.png")
	for key, content := range map[string][]byte{"a.png": png, "b cut.png": png[:len(png)/2], "c.png": []byte("hello")} {
		if err == nil {
			err = b.WriteAll(ctx, key, content, nil)
		}
	}
	if err != nil {
		panic(err)
	}
	return b
}

func ExampleDo() {
	ctx := context.Background()
	bucket := photos(ctx)
	defer bucket.Close()
	shard := bulk.Shard{Objects: []bulk.Object{{Key: "a.png"}, {Key: "b cut.png"}, {Key: "c.png"}, {Key: "d.png"}}}
	part, err := bulk.Do(ctx, bucket, shard, validate.Options{})
	if err != nil {
		fmt.Println("try again:", err)
		return
	}
	for l, err := range bulk.Verdicts(part) {
		fmt.Println(l.Key, l.OK, l.Reason, l.Failure, err)
	}
	// Output:
	// a.png true   <nil>
	// b cut.png false truncated  <nil>
	// c.png false unknown_format  <nil>
	// d.png false  the object is not there any more <nil>
}

// A job of River: the arguments name the objects, and the part is written under a name that the job
// determines, before River is told that the job is done. With github.com/riverqueue/river the
// worker embeds river.WorkerDefaults[ShardArgs], and Work gets a *river.Job[ShardArgs].
func ExampleDo_river() {
	ctx := context.Background()
	bucket, results := photos(ctx), memblob.OpenBucket(nil)
	defer bucket.Close()
	defer results.Close()
	worker := ShardWorker{Bucket: bucket, Results: results}

	job := Job[ShardArgs]{Args: ShardArgs{Number: 7, Objects: []bulk.Object{{Key: "a.png"}, {Key: "c.png"}}}}
	for range 2 { // a job that River runs twice is written once
		if err := worker.Work(ctx, &job); err != nil {
			fmt.Println(err)
		}
	}
	part, err := results.ReadAll(ctx, "parts/0000000007.jsonl")
	for l, err := range bulk.Verdicts(part) {
		fmt.Println(l.Key, l.OK, err)
	}
	fmt.Println(err)
	// Output:
	// a.png true <nil>
	// c.png false <nil>
	// <nil>
}

// Job stands for river.Job.
type Job[T any] struct{ Args T }

// ShardArgs are the arguments of a job.
type ShardArgs struct {
	Number  int           `json:"number"`
	Objects []bulk.Object `json:"objects"`
}

// Kind names the kind of the job.
func (ShardArgs) Kind() string { return "imgvet_shard" }

// ShardWorker works on jobs.
type ShardWorker struct{ Bucket, Results *blob.Bucket }

// Work judges the objects of a job. After an error River runs it again.
func (w ShardWorker) Work(ctx context.Context, job *Job[ShardArgs]) error {
	part, err := bulk.Do(ctx, w.Bucket, bulk.Shard{Objects: job.Args.Objects}, validate.Options{})
	if err != nil {
		return err
	}
	return w.Results.WriteAll(ctx, fmt.Sprintf("parts/%010d.jsonl", job.Args.Number), part, nil)
}

func ExampleParseLine() {
	l, err := bulk.ParseLine([]byte(`{"file":"a.png","ok":true,"format":"png","width":32,"height":32,"size":145,"key":"a.png","etag":"\"5d41\""}`))
	fmt.Println(l.Key, l.ETag, l.Width, err)
	_, err = bulk.ParseLine([]byte(`{"file":"a.png","ok":true}`))
	fmt.Println(err != nil)
	// Output:
	// a.png "5d41" 32 <nil>
	// true
}

func ExampleVerdicts() {
	part := `{"file":"a.png","ok":true,"size":145,"key":"a.png"}
{"file":"b.png","ok":false,"failure":"the object is not there any more","size":0,"key":"b.png"}
`
	for l, err := range bulk.Verdicts([]byte(part)) {
		fmt.Println(l.Key, l.OK, l.Failure, err)
	}
	// Output:
	// a.png true  <nil>
	// b.png false the object is not there any more <nil>
}
