using Kdump.Kernel.Types;

namespace Kdump.Kernel.Expressions;

/// <summary>
/// The grammar: C's expressions without assignments, comma and calls, with slices (<c>a[0:4]</c>), the functions of
/// <see cref="FunctionTable"/>, and <c>module::name</c>. Whether a name is a type is determined by the dump's types, as a C compiler uses
/// the declarations in scope.
/// </summary>
internal sealed class Parser
{
    private const int MaxNesting = 100;

    private static readonly string[][] Levels =
    [
        ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", ">", "<=", ">="], ["<<", ">>"], ["+", "-"], ["*", "/", "%"],
    ];

    private readonly List<Token> tokens;
    private readonly TypeNames types;
    private int at;
    private int nesting;

    private Parser(List<Token> tokens, TypeNames types)
    {
        this.tokens = tokens;
        this.types = types;
    }

    private Token Now => tokens[at];

    /// <exception cref="ExpressionException">The text is not an expression.</exception>
    public static Node Expression(string text, TypeNames types)
    {
        Parser parser = new(Lexer.Read(text), types);
        Node node = parser.StartsType() ? parser.Type() : parser.Conditional();
        parser.End();
        return node;
    }

    /// <summary>A type alone: <c>struct task_struct</c>, <c>u64 *</c>; null if the text is not a type but may be an expression.</summary>
    /// <exception cref="ExpressionException">The text begins like a type but is not valid.</exception>
    public static Node? TypeAlone(string text, TypeNames types)
    {
        Parser parser = new(Lexer.Read(text), types);
        if (!parser.StartsType())
            return null;
        Node node = parser.Type();
        parser.End();
        return node;
    }

    private void End()
    {
        if (Now.Kind == TokenKind.End)
            return;
        if (Now.Text is "=" or "+=" or "-=" or "*=" or "/=" or "%=" or "&=" or "|=" or "^=" or "<<=" or ">>=" or "++" or "--")
            throw new ExpressionException(Now.Column, $"'{Now.Text}' would change memory, and a dump cannot be changed");
        throw new ExpressionException(Now.Column, $"expected an operator or the end, not {Now}");
    }

    private Node Conditional()
    {
        if (++nesting > MaxNesting)
            throw new ExpressionException(Now.Column, $"more than {MaxNesting} parts in each other");
        Node condition = Binary(0);
        if (Now.Is("?"))
        {
            int column = Now.Column;
            at++;
            Node yes = Conditional();
            Expect(":", "between the two values of ?");
            condition = new Node(NodeKind.Conditional, column, "?", condition, yes, Conditional());
        }
        nesting--;
        return condition;
    }

    private Node Binary(int level)
    {
        // All levels in one loop: nested calls for each level would take ten frames for every parenthesis.
        Node left = Unary();
        while (LevelOf(Now) is >= 0 and var found && found >= level)
        {
            Token operation = tokens[at++];
            Node right = Binary(found + 1);
            left = new Node(NodeKind.Binary, operation.Column, operation.Text, left, right);
        }
        return left;
    }

    private static int LevelOf(Token token) =>
        token.Kind == TokenKind.Operator ? Array.FindIndex(Levels, l => Array.IndexOf(l, token.Text) >= 0) : -1;

    private Node Unary()
    {
        if (++nesting > MaxNesting)
            throw new ExpressionException(Now.Column, $"more than {MaxNesting} parts in each other");
        try
        {
            Token token = Now;
            if (token is { Kind: TokenKind.Operator, Text: "*" or "&" or "-" or "+" or "~" or "!" })
            {
                at++;
                return new Node(NodeKind.Unary, token.Column, token.Text, Unary());
            }
            if (token is { Kind: TokenKind.Name, Text: "sizeof" })
                return SizeOf();
            if (token.Is("(") && StartsType(at + 1))
            {
                at++;
                Node type = Type();
                Expect(")", "after the type of a cast");
                return new Node(NodeKind.Cast, token.Column, "", type, Unary());
            }
            return Postfix();
        }
        finally
        {
            nesting--;
        }
    }

    private Node SizeOf()
    {
        Token word = tokens[at++];
        if (Now.Is("(") && StartsType(at + 1))
        {
            at++;
            Node type = Type();
            Expect(")", "after the type of sizeof");
            return new Node(NodeKind.SizeOf, word.Column, "sizeof", type);
        }
        return new Node(NodeKind.SizeOf, word.Column, "sizeof", Unary());
    }

    private Node Postfix()
    {
        Node node = Primary();
        while (true)
        {
            Token token = Now;
            if (token.Is(".") || token.Is("->"))
            {
                at++;
                if (Now.Kind != TokenKind.Name)
                    throw new ExpressionException(Now.Column, $"the name of a member was expected after '{token.Text}', not {Now}");
                node = new Node(token.Text == "." ? NodeKind.Member : NodeKind.Arrow, Now.Column, Now.Text, node);
                at++;
            }
            else if (token.Is("["))
            {
                at++;
                node = Brackets(node, token.Column);
            }
            else
            {
                return node;
            }
        }
    }

    private Node Brackets(Node array, int column)
    {
        Node? first = Now.Is(":") ? null : Conditional();
        if (!Now.Is(":"))
        {
            Expect("]", "after an index");
            return new Node(NodeKind.Index, column, "[]", array, first!);
        }
        at++;
        first ??= new Node(NodeKind.Number, column, "0") { Type = CType.Int };
        Node? end = Now.Is("]") ? null : Conditional();
        Expect("]", "after a slice");
        return end is null ? new Node(NodeKind.Slice, column, "[:]", array, first)
            : new Node(NodeKind.Slice, column, "[:]", array, first, end);
    }

    private Node Primary()
    {
        Token token = Now;
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Character:
                at++;
                return new Node(NodeKind.Number, token.Column, token.Text) { Value = token.Value, Type = token.Type };
            case TokenKind.Text:
                at++;
                return new Node(NodeKind.Text, token.Column, token.Text);
            case TokenKind.Operator when token.Text == "(":
                at++;
                Node inner = Conditional();
                Expect(")", "to close this one", token.Column);
                return inner;
            case TokenKind.Name:
                if (tokens[at + 1].Is("::") && tokens[at + 2].Kind == TokenKind.Name)
                {
                    at += 3;
                    return new Node(NodeKind.Name, token.Column, tokens[at - 1].Text) { Module = token.Text };
                }
                at++;
                if (Now.Is("("))
                    return Call(token);
                if (TypeNames.IsKeyword(token.Text))
                    throw new ExpressionException(token.Column,
                        $"'{token.Text}' begins a type, and a value was expected; a cast is (type)value");
                return new Node(NodeKind.Name, token.Column, token.Text);
            default:
                throw new ExpressionException(token.Column, $"a value was expected, not {token}");
        }
    }

    private Node Call(Token name)
    {
        Function function = FunctionTable.Find(name.Text) ?? throw new ExpressionException(name.Column,
            $"there is no function '{name.Text}' here{Nearest.Hint(name.Text, FunctionTable.All.Select(f => f.Name))} " +
            "(functions of the kernel cannot be called)");
        at++;
        List<Node> arguments = [];
        while (!Now.Is(")"))
        {
            if (arguments.Count == function.Parameters.Length)
                throw new ExpressionException(Now.Column, $"{function.Usage} takes no more than {function.Parameters.Length} arguments");
            bool wantsType = function.Parameters[arguments.Count] == 't';
            if (wantsType && !StartsType())
                throw new ExpressionException(Now.Column, $"a type was expected ({function.Usage}), not {Now}{types.Hint(Now.Text)}");
            arguments.Add(wantsType ? Type() : Conditional());
            if (Now.Is(")"))
                break;
            Expect(",", $"or ')' after an argument of {function.Usage}");
        }
        if (arguments.Count < function.Needed)
            throw new ExpressionException(Now.Column, $"an argument is missing: {function.Usage}");
        at++;
        return new Node(NodeKind.Call, name.Column, name.Text, [.. arguments]);
    }

    private bool StartsType() => StartsType(at);

    private bool StartsType(int position)
    {
        Token token = tokens[position];
        if (token.Kind != TokenKind.Name)
            return false;
        if (TypeNames.IsKeyword(token.Text))
            return true;
        int after = position + 1;
        string? module = null, name = token.Text;
        if (tokens[after].Is("::") && tokens[after + 1].Kind == TokenKind.Name)
        {
            module = name;
            name = tokens[after + 1].Text;
            after += 2;
        }
        while (tokens[after].Is("*"))
            after++;
        // If only stars follow, a name that is both a type and a variable means the type.
        return (tokens[after].Kind == TokenKind.End || tokens[after].Is(")") || tokens[after].Is(",") || tokens[after].Is("[")) &&
            types.Typedef(name, module) is not null && !(tokens[after].Is("[") && types.IsSymbol(name));
    }

    private Node Type()
    {
        Token token = Now;
        Node type;
        while (Now is { Kind: TokenKind.Name, Text: "const" or "volatile" })
            at++;
        if (Now is { Kind: TokenKind.Name, Text: "typeof" })
        {
            at++;
            Expect("(", "after typeof");
            type = StartsType() ? Type() : new Node(NodeKind.TypeOf, token.Column, "typeof", Conditional());
            Expect(")", "after the value of typeof");
        }
        else
        {
            type = new Node(NodeKind.TypeName, Now.Column, Now.Text) { Type = Named() };
        }
        while (Now.Is("*") || Now is { Kind: TokenKind.Name, Text: "const" or "volatile" })
        {
            if (Now.Is("*"))
                type = new Node(NodeKind.TypePointer, Now.Column, "*", type);
            at++;
        }
        List<Node> lengths = [];
        while (Now.Is("["))
        {
            int column = Now.Column;
            at++;
            lengths.Add(Now.Is("]") ? new Node(NodeKind.Number, column, "0") { Type = CType.Int } : Conditional());
            Expect("]", "after the length of an array");
        }
        for (int i = lengths.Count - 1; i >= 0; i--)
            type = new Node(NodeKind.TypeArray, lengths[i].Column, "[]", type, lengths[i]);
        return type;
    }

    private CType Named()
    {
        Token token = tokens[at++];
        if (token.Kind == TokenKind.Name && token.Text is "struct" or "union" or "enum")
        {
            if (Now.Kind != TokenKind.Name)
                throw new ExpressionException(Now.Column, $"the tag of a {token.Text} was expected, not {Now}");
            Token tag = tokens[at++];
            if (!Now.Is("::"))
                return types.Tag(token.Text, tag.Text, null, tag.Column);
            at++;
            Token inner = tokens[at++];
            return inner.Kind == TokenKind.Name ? types.Tag(token.Text, inner.Text, tag.Text, inner.Column)
                : throw new ExpressionException(inner.Column, $"the tag of a {token.Text} was expected, not {inner}");
        }
        if (TypeNames.IsInteger(token.Text))
        {
            List<string> words = [token.Text];
            while (Now.Kind == TokenKind.Name && TypeNames.IsInteger(Now.Text))
                words.Add(tokens[at++].Text);
            return TypeNames.Integer(words) ?? throw new ExpressionException(token.Column, $"'{string.Join(' ', words)}' is no type");
        }
        string? module = null;
        if (Now.Is("::"))
        {
            module = token.Text;
            at++;
            token = tokens[at++];
        }
        return types.Typedef(token.Text, module)
            ?? throw new ExpressionException(token.Column, $"a type was expected, not {token}{types.Hint(token.Text)}");
    }

    private void Expect(string operation, string where, int? column = null)
    {
        if (!Now.Is(operation))
            throw new ExpressionException(column ?? Now.Column, $"'{operation}' was expected {where}, not {Now}");
        at++;
    }
}
