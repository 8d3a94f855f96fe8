#!/bin/bash
# Writes Sources/MetaLearning/Experiments/BuiltInRecipes.swift from the folder recipes, so that a copied binary knows them.
set -euo pipefail
cd "$(dirname "$0")/.."
{
  echo '// Written by Scripts/embed_recipes.sh from the folder recipes; a test compares the two.'
  echo
  echo '/// The recipes that come with the program, by their names.'
  echo 'let builtInRecipes: [String: String] = ['
  for file in recipes/*.yaml; do
    echo "  \"$(basename "$file" .yaml)\": #\"\"\""
    sed -e 's/^\(.\)/  \1/' "$file"
    echo
    echo '  """#,'
  done
  echo ']'
} > Sources/MetaLearning/Experiments/BuiltInRecipes.swift
