package main

import (
	"context"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// uploadComplexity is the cost of uploadPhoto without the fields of its answer: with generated code
// Config.Complexity.Mutation.UploadPhoto.
const uploadComplexity = 10

// schema stands for the code that gqlgen generates from schema.graphqls. It calls the resolver and
// does nothing else that the generated code does.
type schema struct {
	ast      *ast.Schema
	mutation *mutationResolver
}

func newSchema(mutation *mutationResolver) graphql.ExecutableSchema {
	return schema{gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphqls", Input: `
		scalar Upload
		type Picture { format: String!, width: Int!, height: Int! }
		type Query { version: String! }
		type Mutation { uploadPhoto(image: Upload!): Picture }
	`}), mutation}
}

func (s schema) Schema() *ast.Schema { return s.ast }

func (s schema) Complexity(_ context.Context, typeName, field string, children int, _ map[string]any) (int, bool) {
	return uploadComplexity + children, typeName == "Mutation" && field == "uploadPhoto"
}

func (s schema) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if op.Operation.Operation != ast.Mutation {
		return graphql.OneShot(graphql.ErrorResponse(ctx, "only mutations"))
	}
	return graphql.OneShot(s.mutate(ctx, op))
}

// mutate runs the fields of a mutation one after the other.
func (s schema) mutate(ctx context.Context, op *graphql.OperationContext) *graphql.Response {
	data := map[string]map[string]any{}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Mutation"}) {
		ctx := graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Mutation", Field: field})
		data[field.Alias] = nil
		image, err := graphql.UnmarshalUpload(field.ArgumentMap(op.Variables)["image"])
		if err != nil {
			graphql.AddError(ctx, err)
			continue
		}
		picture, err := s.mutation.UploadPhoto(ctx, image)
		if err != nil {
			graphql.AddError(ctx, err)
			continue
		}
		data[field.Alias] = s.answer(op, field, picture)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return graphql.ErrorResponse(ctx, "%v", err)
	}
	return &graphql.Response{Data: text}
}

// answer returns the fields of a picture that are asked for.
func (s schema) answer(op *graphql.OperationContext, field graphql.CollectedField, p *Picture) map[string]any {
	all := map[string]any{"format": p.Format, "width": p.Width, "height": p.Height}
	asked := map[string]any{}
	for _, f := range graphql.CollectFields(op, field.Selections, []string{"Picture"}) {
		asked[f.Alias] = all[f.Name]
	}
	return asked
}
