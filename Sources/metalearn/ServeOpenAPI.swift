#if Serve && canImport(Hummingbird)
  /// What programs can ask `metalearn serve`, as OpenAPI 3.1.
  let serveOpenAPI = #"""
    {
      "openapi": "3.1.0",
      "info": {
        "title": "metalearn serve",
        "version": "1",
        "description": "Adapts a meta-trained model to a few pictures, and tells new pictures apart. A question may have 8 MiB; /api/run has the other limits."
      },
      "paths": {
        "/api/run": {
          "get": {
            "summary": "The run, how many classes it tells apart, and the limits.",
            "responses": {"200": {"description": "The run.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}}}}
          }
        },
        "/api/adapt": {
          "post": {
            "summary": "Adapts to pictures of some classes; the model is kept for a while.",
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdaptRequest"}}}},
            "responses": {
              "200": {"description": "The model to ask by.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/AdaptReply"}}}},
              "400": {"$ref": "#/components/responses/Mistake"},
              "413": {"$ref": "#/components/responses/Mistake"}
            }
          }
        },
        "/api/predict": {
          "post": {
            "summary": "Tells the classes of pictures by a model, each as if it came alone.",
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PredictRequest"}}}},
            "responses": {
              "200": {"description": "A prediction for each picture.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PredictReply"}}}},
              "400": {"$ref": "#/components/responses/Mistake"},
              "404": {"$ref": "#/components/responses/Mistake"},
              "413": {"$ref": "#/components/responses/Mistake"}
            }
          }
        }
      },
      "components": {
        "responses": {
          "Mistake": {"description": "What is wrong with the question, in a sentence.", "content": {"application/json": {"schema": {
            "type": "object", "required": ["error"],
            "properties": {"error": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}}}}}}
        },
        "schemas": {
          "Picture": {"type": "string", "description": "A PNG or JPEG file in base64, with or without a prefix such as data:image/png;base64,"},
          "Run": {"type": "object", "required": ["run", "ways", "preparation", "limits"], "properties": {
            "run": {"type": "string"}, "ways": {"type": "integer", "description": "The most classes at a time."},
            "preparation": {"type": "object"}, "limits": {"type": "object"}}},
          "AdaptRequest": {"type": "object", "required": ["classes"], "properties": {
            "classes": {"type": "array", "minItems": 2, "items": {"type": "object", "required": ["name", "pictures"], "properties": {
              "name": {"type": "string"}, "pictures": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Picture"}}}}},
            "steps": {"type": "integer", "minimum": 0, "maximum": 20, "description": "Steps of adaptation; as in training by default."}}},
          "AdaptReply": {"type": "object", "required": ["model", "classes", "milliseconds", "supportAccuracy"], "properties": {
            "model": {"type": "string"}, "classes": {"type": "array", "items": {"type": "string"}},
            "milliseconds": {"type": "number"}, "supportAccuracy": {"type": "number"}}},
          "PredictRequest": {"type": "object", "required": ["model", "pictures"], "properties": {
            "model": {"type": "string"}, "pictures": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Picture"}}}},
          "PredictReply": {"type": "object", "required": ["classes", "predictions"], "properties": {
            "classes": {"type": "array", "items": {"type": "string"}},
            "predictions": {"type": "array", "items": {"type": "object", "required": ["className", "probability", "probabilities"], "properties": {
              "className": {"type": "string"}, "probability": {"type": "number"},
              "probabilities": {"type": "array", "items": {"type": "number"}}}}}}}
        }
      }
    }
    """#
#endif
