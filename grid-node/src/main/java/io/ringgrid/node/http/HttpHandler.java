package io.ringgrid.node.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.ringgrid.node.transport.Door;
import io.ringgrid.wire.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One HTTP client. Confined to its event loop. Requests are answered at once, so pipelined ones stay in order. */
final class HttpHandler extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger log = LoggerFactory.getLogger(HttpHandler.class);

    private static final String SCHEME = "Bearer ";
    /** Probes have no secret, and hear nothing of the data or the cluster's members there. */
    private static final String OPEN_TO_ALL = "/health/";

    private final Door door;
    private final Function<String, Page> pages;
    private final @Nullable Secret secret;

    /** Shows these pages, by the targets of requests. */
    HttpHandler(Door door, Function<String, Page> pages, @Nullable Secret secret) {
        this.door = door;
        this.pages = pages;
        this.secret = secret;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpRequest) {
            door.commanded();
        }
        Throwable malformed = message.decoderResult().cause();
        if (malformed != null) {
            // Nothing behind it can be read either, be it in a request or in the body of one that was answered.
            Page page = new Page(statusOf(malformed), Page.TEXT, "cannot read this request\n");
            FullHttpResponse response = response(page, true);
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        // What a body brings is read past: no page wants one.
        if (!(message instanceof HttpRequest request)) {
            return;
        }
        if (secret != null && !request.uri().startsWith(OPEN_TO_ALL) && !isAuthorized(request, secret)) {
            Page page = new Page(
                    HttpResponseStatus.UNAUTHORIZED,
                    Page.TEXT,
                    "this page asks for the secret: curl -H \"Authorization: Bearer $(cat <secret-file>)\" ...\n");
            FullHttpResponse refusal = response(page, !request.method().equals(HttpMethod.HEAD));
            refusal.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"RingGrid\"");
            context.write(refusal).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
            return;
        }
        boolean isHead = request.method().equals(HttpMethod.HEAD);
        boolean isGet = request.method().equals(HttpMethod.GET);
        FullHttpResponse response;
        if (isGet || isHead) {
            response = response(pages.apply(request.uri()), isGet);
        } else {
            Page page = new Page(HttpResponseStatus.METHOD_NOT_ALLOWED, Page.TEXT, "only GET and HEAD\n");
            response = response(page, true);
            response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
        }
        context.write(response).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private static boolean isAuthorized(HttpRequest request, Secret secret) {
        String given = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        return given.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && secret.is(given.substring(SCHEME.length()).strip());
    }

    private static HttpResponseStatus statusOf(Throwable malformed) {
        if (malformed instanceof TooLongHttpLineException) {
            return HttpResponseStatus.REQUEST_URI_TOO_LONG;
        }
        return malformed instanceof TooLongHttpHeaderException
                ? HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                : HttpResponseStatus.BAD_REQUEST;
    }

    private FullHttpResponse response(Page page, boolean withBody) {
        if (page.status().code() >= 400) {
            door.failed();
        }
        byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, page.status(), withBody ? Unpooled.wrappedBuffer(body) : Unpooled.EMPTY_BUFFER);
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, page.contentType())
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        return response;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            log.debug("http.lost peer={} reason={}", context.channel().remoteAddress(), cause.toString());
        } else {
            log.error(
                    "http.failed peer={}: it is closed, the others go on; please report this",
                    context.channel().remoteAddress(),
                    cause);
        }
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
